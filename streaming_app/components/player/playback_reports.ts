// Reports how a live stream plays, for the statistics in its streamer's studio (rtmp/README.md describes the request).

import type { DeliveryMode, PlaybackReport } from "../generated.ts";

/** `delayMs`: how far the picture is behind what has arrived at the site. `stalls`: since the player was opened. */
export type Playback = { delivery: DeliveryMode; delayMs: number; stalls: number };

const SOON_MS = 10_000;
const INTERVAL_MS = 20_000;

/** Reports regularly, and soon after the delivery has changed. All viewers may start at once, so the times are random. */
export class PlaybackReports {
  private readonly player = `p${Math.random().toString(36).slice(2, 12)}`.padEnd(11, "0");
  private delivery = "";
  private stalls = 0;
  private dueAt = Number.POSITIVE_INFINITY;

  /**
   * Sends the report that is due, if one is. `playlist` is the URL of the stream's plain HLS. `playback` is null while the
   * viewer does not watch the live picture: paused, seeked back, or no stream. Call it regularly.
   */
  send(playback: Playback | null, playlist: string) {
    const report = playback && this.due(playback, performance.now());
    const request = { method: "POST", body: JSON.stringify(report), keepalive: true };
    if (report) fetch(new URL("playback", playlist), request).catch(() => {});
  }

  /** Returns the report that is due, if one is. `now` is in milliseconds. */
  due({ delivery, delayMs, stalls }: Playback, now: number): PlaybackReport | null {
    if (delivery !== this.delivery) this.dueAt = Math.min(this.dueAt, now + SOON_MS * Math.random());
    this.delivery = delivery;
    if (now < this.dueAt) return null;
    this.dueAt = now + INTERVAL_MS * (0.75 + Math.random() / 2);
    const stalled = Math.max(0, stalls - this.stalls);
    this.stalls = stalls;
    return { player: this.player, delivery, delay_ms: Math.max(0, Math.round(delayMs)), stalls: stalled };
  }
}
