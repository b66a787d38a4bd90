// A <live-video> element: hls-video-element that lets its owner hear hls.js before its first error; and how hls.js is set
// in it, for low latency and for plain HLS.

import { HlsVideoElement } from "hls-video-element";
import { LOW, PLAIN } from "./delivery.ts";

// LivePlayback retries, and knows when to ask elsewhere: hls.js would keep on asking a server that is gone.
const once = (maxTimeToFirstByteMs) => ({
  default: { maxTimeToFirstByteMs, maxLoadTimeMs: 20000, timeoutRetry: null, errorRetry: null },
});
const BOTH = {
  // Pace catches up and Delivery widens the distance after stalls, and both let go again.
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0,
  maxBufferLength: 20,
  backBufferLength: 30,
  capLevelToPlayerSize: true,
  // With several renditions hls.js would first load, and throw away, a piece of the smallest to measure the network.
  testBandwidth: false,
  abrEwmaDefaultEstimate: 3e6,
  startFragPrefetch: true,
  manifestLoadPolicy: once(8000),
};
export const PLAIN_SEGMENTS_BEHIND = 2.5; // as measured in a browser: plays without a stall
export const CONFIGS = {
  // Not to be given: liveSyncDurationCount. It would replace the distance that the playlist asks for, PART-HOLD-BACK.
  [LOW]: { ...BOTH, lowLatencyMode: true, playlistLoadPolicy: once(3000) },
  [PLAIN]: { ...BOTH, lowLatencyMode: false, liveSyncDurationCount: PLAIN_SEGMENTS_BEHIND },
};

export class LiveVideoElement extends HlsVideoElement {
  async load() {
    await super.load();
    if (this.api) this.dispatchEvent(new Event("hlsready"));
  }

  /** Tells media-chrome that one can seek in this live stream: "play" does not leap to the edge then. */
  get targetLiveWindow() {
    return Infinity;
  }
}
if (!customElements.get("live-video")) customElements.define("live-video", LiveVideoElement);

/** Seconds that could be played if nothing more came. */
export function ahead({ buffered, currentTime }) {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) - 0.1 <= currentTime && currentTime <= buffered.end(i)) return buffered.end(i) - currentTime;
  }
  return 0;
}
