// The position of playback in a live stream: at the live edge, or behind it if the viewer went back.

import type { HlsVideo } from "./hls_video.ts";
import type { LivePlayback } from "./live_playback.ts";
import { isBehindOnPurpose } from "./playback_rate.ts";

const WINDOW_EDGE_SECONDS = 3; // not seekable: the oldest segments leave the window while they are loaded
const BACK_SECONDS = 0.5;

/** The position of live playback, and of the oldest media, in seconds. */
export type Edge = { live: number; start: number };

export class DvrPosition {
  atLive = true;

  constructor(
    private video: HlsVideo,
    private playback: LivePlayback,
  ) {}

  /**
   * Returns null before the first playlist. `live`: the time of the live edge, as far as it can be played. `window`: how
   * far back one can seek, in seconds. `late`: how many seconds playback is behind the live edge.
   */
  position() {
    const edge = this.playback.delivery.edge();
    if (!edge) return null;
    const { live, start } = edge;
    return { live, window: Math.max(0, live - start - WINDOW_EDGE_SECONDS), late: live - this.video.currentTime };
  }

  /** Seeks to `behind` seconds before live. */
  seekTo(behind: number) {
    const position = this.position();
    if (position) this.playback.delivery.seek(position.live, Math.min(Math.max(0, behind), position.window));
  }

  seekBy(seconds: number) {
    this.seekTo((this.position()?.late ?? 0) - seconds);
  }

  toLive() {
    this.atLive = true;
    this.playback.isHeld = false; // otherwise playback would continue where it was paused
    this.seekTo(0);
    if (this.video.paused) this.video.play().catch(() => {});
  }

  onPlay() {
    const position = this.position();
    if (position && position.late > position.window + WINDOW_EDGE_SECONDS) this.toLive();
    else if (position) this.atLive = !isBehindOnPurpose(position.late);
  }

  /** Handles a seek from `from`. Only viewers seek back; hls.js and HlsPlayback seek forward, also after a stall. */
  onSeeking(from: number) {
    const position = this.position();
    if (!position) return;
    if (!isBehindOnPurpose(position.late)) this.atLive = true;
    else if (this.video.currentTime < from - BACK_SECONDS) this.atLive = false;
  }
}
