// The statistics of a live stream as texts.

import type { LivePlayback } from "./live_playback.ts";

const MODES = { realtime: "Real time", low: "Low latency", plain: "Plain HLS" };
const UNKNOWN = "–";

/** Returns a function that returns the text of each statistic by its `data-stat`. */
export function statistics(playback: LivePlayback): () => Record<string, string> {
  const { realtime, selector, video } = playback;
  let before = { at: 0, frames: 0 };
  return () => {
    const { api, nativeEl, playbackRate, videoHeight, videoWidth } = video;
    const { totalVideoFrames: frames, droppedVideoFrames: dropped } = nativeEl.getVideoPlaybackQuality();
    const now = { at: performance.now(), frames };
    const fps = Math.max(0, Math.round(((now.frames - before.frames) * 1000) / (now.at - before.at)));
    const level = api?.levels[api.currentLevel];
    const isRealtime = selector.mode === "realtime";
    before = now;
    return {
      delay: number(playback.delay || null, 2, "s"),
      target: number(isRealtime ? realtime.pacer.distance : api?.targetLatency, 2, "s"),
      ahead: number(video.ahead, 2, "s"),
      picture: videoWidth ? `${videoWidth}×${videoHeight} · ${fps} fps` : UNKNOWN,
      dropped: `${dropped} of ${frames}`,
      bitrate: number((isRealtime ? realtime.bitrate : (level?.bitrate ?? Number.NaN)) / 1e6, 2, "Mbit/s"),
      bandwidth: number(api?.bandwidthEstimate && api.bandwidthEstimate / 1e6, 1, "Mbit/s"),
      stalls: String(playback.stalls),
      underruns: String(realtime.underruns),
      rate: playbackRate ? `${playbackRate.toFixed(2)}×` : "Buffering",
      mode: MODES[selector.mode],
      why: selector.why,
    };
  };
}

function number(value: number | null | undefined, digits: number, unit: string): string {
  return value != null && Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}` : UNKNOWN;
}
