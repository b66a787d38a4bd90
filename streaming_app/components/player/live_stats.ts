// The statistics of a live stream as texts.

import { LOW, type ModeSelector, PLAIN, REALTIME } from "./delivery_mode.ts";
import type { HlsVideo } from "./hls_video.ts";
import type { RealtimePlayback } from "./realtime/realtime_playback.ts";

const MODES = { [REALTIME]: "Real time", [LOW]: "Low latency", [PLAIN]: "Plain HLS" };
const UNKNOWN = "–";

export class LiveStats {
  stalls = 0;
  private before = { at: 0, frames: 0 };

  constructor(
    private video: HlsVideo,
    private selector: ModeSelector,
    private realtime: RealtimePlayback,
  ) {}

  /** Seconds between the arrival of media at the site and its display, without the network; 0 while unknown. */
  get delay(): number {
    const { realtime, selector, video } = this;
    return (selector.mode === REALTIME ? realtime.delay : video.api?.latency) ?? 0;
  }

  /** Returns the text of each statistic by its `data-stat`. */
  texts(): Record<string, string> {
    const { realtime, selector, video } = this;
    const { api } = video;
    const isRealtime = selector.mode === REALTIME;
    const level = api?.levels[api.currentLevel];
    const { totalVideoFrames: frames, droppedVideoFrames: dropped } = video.nativeEl.getVideoPlaybackQuality();
    return {
      delay: number(this.delay || null, 2, "s"),
      target: number(isRealtime ? realtime.pacer.distance : api?.targetLatency, 2, "s"),
      ahead: number(video.ahead, 2, "s"),
      picture: this.picture(frames, level && api.levels.length > 1 ? level.name || `${level.height}p` : ""),
      dropped: `${dropped} of ${frames}`,
      bitrate: number((isRealtime ? realtime.bitrate : (level?.bitrate ?? Number.NaN)) / 1e6, 2, "Mbit/s"),
      bandwidth: number(api?.bandwidthEstimate && api.bandwidthEstimate / 1e6, 1, "Mbit/s"),
      stalls: String(this.stalls),
      underruns: String(realtime.underruns),
      rate: video.playbackRate ? `${video.playbackRate.toFixed(2)}×` : "Buffering",
      mode: MODES[selector.mode],
      why: selector.why,
    };
  }

  private picture(frames: number, level: string): string {
    const { before, video } = this;
    this.before = { at: performance.now(), frames };
    if (!video.videoWidth) return UNKNOWN;
    const fps = Math.max(0, Math.round(((frames - before.frames) * 1000) / (this.before.at - before.at)));
    return [level, `${video.videoWidth}×${video.videoHeight}`, `${fps} fps`].filter(Boolean).join(" · ");
  }
}

function number(value: number | null | undefined, digits: number, unit: string): string {
  return value != null && Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}` : UNKNOWN;
}
