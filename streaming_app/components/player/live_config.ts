// How hls.js is configured for low-latency and for plain HLS.

import type { HlsConfig } from "hls.js";
import type { DeliveryMode } from "../generated.ts";
import { loadPolicy } from "./hls_video.ts";

const BOTH: Partial<HlsConfig> = {
  // Off, because HlsPlayback adjusts the rate and the target latency instead, and also undoes its adjustments.
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0,
  maxBufferLength: 20,
  backBufferLength: 30,
  capLevelToPlayerSize: true,
  // To measure the network, hls.js would load and discard a segment of the smallest rendition.
  testBandwidth: false,
  abrEwmaDefaultEstimate: 3e6,
  startFragPrefetch: true,
  // LivePlayback retries itself, and decides when to load another playlist.
  manifestLoadPolicy: loadPolicy(8000, 20000, null),
};
export const PLAIN_SEGMENTS_BEHIND = 2.5; // measured in a browser: no stalls
export const CONFIGS: Record<Exclude<DeliveryMode, "realtime">, Partial<HlsConfig>> = {
  // Without liveSyncDurationCount, which would replace the playlist's PART-HOLD-BACK.
  low: { ...BOTH, lowLatencyMode: true, playlistLoadPolicy: loadPolicy(3000, 20000, null) },
  plain: { ...BOTH, lowLatencyMode: false, liveSyncDurationCount: PLAIN_SEGMENTS_BEHIND },
};
