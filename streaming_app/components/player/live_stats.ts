// The statistics of a live stream as texts.

import type { Fragment } from "hls.js";
import { Hls } from "hls-video-element";
import { type Delivery, ServerClock } from "./delivery.ts";
import { ahead, type LiveVideoElement } from "./live_video.ts";

const PLAIN_NAME = /\/(\d{13})\.ts(?:\?|$)/; // nginx-rtmp names a segment by the Unix time in ms at which it began
const MODES = { low: "Low latency", plain: "Plain HLS", native: "Native HLS" };
const UNKNOWN = "–";

export class LiveStats {
  stalls = 0;
  private clock = new ServerClock();
  private fragment: Fragment | null = null;
  private before = { at: 0, frames: 0 };

  constructor(
    private video: LiveVideoElement,
    private delivery: Delivery,
  ) {}

  listen(hls: Hls) {
    hls.on(Hls.Events.FRAG_CHANGED, (_, { frag }) => {
      this.fragment = frag;
    });
    hls.on(Hls.Events.FRAG_LOADED, (_, { part, networkDetails }) => {
      if (!part) return;
      const { start, first } = part.stats.loading;
      const date = Date.parse((networkDetails as XMLHttpRequest | null)?.getResponseHeader("Date") ?? "");
      this.clock.heard(date, performance.timeOrigin + start, performance.timeOrigin + first);
    });
  }

  /** Returns the rows to show: name, value, and the name's short form. */
  rows(): [string, string, string][] {
    const { video, delivery } = this;
    const { api } = video;
    const level = api?.levels[api.currentLevel];
    const shownAt = this.capturedAt();
    const latency = shownAt && (Date.now() + this.clock.aheadMs - shownAt) / 1000;
    const { totalVideoFrames: frames, droppedVideoFrames: dropped } = video.nativeEl.getVideoPlaybackQuality();
    const rows: [string, string, string][] = [
      ["Latency", number(latency, 2, "s"), "delay"],
      ["Target latency", number(api?.targetLatency, 2, "s"), "target"],
      ["Buffer ahead", number(ahead(video), 2, "s"), "ahead"],
      [
        "Picture",
        this.picture(frames, level && api.levels.length > 1 ? level.name || `${level.height}p` : ""),
        "picture",
      ],
      ["Dropped", `${dropped} of ${frames}`, "dropped"],
      ["Stream", number(level?.bitrate && level.bitrate / 1e6, 2, "Mbit/s"), "bitrate"],
      ["Network", number(api?.bandwidthEstimate && api.bandwidthEstimate / 1e6, 1, "Mbit/s"), "bandwidth"],
      ["Stalls", String(this.stalls), "stalls"],
      ["Playback rate", video.playbackRate ? `${video.playbackRate.toFixed(2)}×` : "Buffering", "rate"],
      ["Mode", MODES[api ? delivery.mode : "native"], "mode"],
    ];
    if (delivery.why) rows.push(["Reason", delivery.why, "why"]);
    return rows;
  }

  private picture(frames: number, level: string): string {
    const { before, video } = this;
    this.before = { at: performance.now(), frames };
    if (!video.videoWidth) return UNKNOWN;
    const fps = Math.round(((frames - before.frames) * 1000) / (this.before.at - before.at));
    const isCurrent = this.before.at - before.at < 2000 && fps >= 0;
    return [level, `${video.videoWidth}×${video.videoHeight}`, isCurrent && `${fps} fps`].filter(Boolean).join(" · ");
  }

  /** Returns the time at which the server received the current frame: Unix time in ms of the server's clock; or null. */
  private capturedAt(): number | null {
    const { api, currentTime, nativeEl } = this.video;
    if (!api) return startDate(nativeEl) + currentTime * 1000 || null;
    if (api.playingDate) return api.playingDate.getTime();
    const name = this.fragment && PLAIN_NAME.exec(this.fragment.url);
    return name && this.fragment ? Number(name[1]) + (currentTime - this.fragment.start) * 1000 : null;
  }
}

/** Returns the Unix time in ms of the media time 0, where the browser itself plays HLS; NaN elsewhere. */
export function startDate(video: HTMLVideoElement & { getStartDate?: () => Date }): number {
  return Number(video.getStartDate?.());
}

function number(value: number | null | undefined, digits: number, unit: string): string {
  return value != null && Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}` : UNKNOWN;
}
