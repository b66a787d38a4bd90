// The <live-video> element, and how hls.js is configured in it for low-latency and for plain HLS.

import type { HlsConfig, LoadPolicy } from "hls.js";
import { LOW, type Mode, PLAIN } from "./hls_mode.ts";
import { HlsVideo } from "./hls_video.ts";

// LivePlayback retries itself, and decides when to load another playlist.
const once = (maxTimeToFirstByteMs: number): LoadPolicy => ({
  default: { maxTimeToFirstByteMs, maxLoadTimeMs: 20000, timeoutRetry: null, errorRetry: null },
});
const BOTH: Partial<HlsConfig> = {
  // Off, because LatencyController adjusts the rate and the target latency instead, and also undoes its adjustments.
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0,
  maxBufferLength: 20,
  backBufferLength: 30,
  capLevelToPlayerSize: true,
  // To measure the network, hls.js would load and discard a segment of the smallest rendition.
  testBandwidth: false,
  abrEwmaDefaultEstimate: 3e6,
  startFragPrefetch: true,
  manifestLoadPolicy: once(8000),
};
export const PLAIN_SEGMENTS_BEHIND = 2.5; // measured in a browser: no stalls
export const CONFIGS: Record<Mode, Partial<HlsConfig>> = {
  // Without liveSyncDurationCount, which would replace the playlist's PART-HOLD-BACK.
  [LOW]: { ...BOTH, lowLatencyMode: true, playlistLoadPolicy: once(3000) },
  [PLAIN]: { ...BOTH, lowLatencyMode: false, liveSyncDurationCount: PLAIN_SEGMENTS_BEHIND },
};

export class LiveVideoElement extends HlsVideo {
  /** Tells media-chrome that this live stream can be seeked in, so that "play" does not jump to the live edge. */
  get targetLiveWindow() {
    return Infinity;
  }
}
if (!customElements.get("live-video")) customElements.define("live-video", LiveVideoElement);
