// The video elements of the players, <live-video> and <recorded-video>: hls.js in a custom element.

import type { LoadPolicy, RetryConfig } from "hls.js";
import { HlsVideoElement } from "hls-video-element";

export const NOT_FOUND = 404;

/** An hls-video-element that dispatches `hlsready` when hls.js is created, before its first error. */
export class HlsVideo extends HlsVideoElement {
  async load() {
    await super.load();
    if (this.api) this.dispatchEvent(new Event("hlsready"));
  }

  /** The seconds that can be played without loading more. */
  get ahead(): number {
    return this.api?.mainForwardBufferInfo?.len ?? 0;
  }
}

for (const tag of ["live-video", "recorded-video"]) {
  if (!customElements.get(tag)) customElements.define(tag, class extends HlsVideo {});
}

/** Returns how hls.js loads files: the same retries after a timeout and after any other error. */
export function loadPolicy(maxTimeToFirstByteMs: number, maxLoadTimeMs: number, retry: RetryConfig | null): LoadPolicy {
  return { default: { maxTimeToFirstByteMs, maxLoadTimeMs, timeoutRetry: retry, errorRetry: retry } };
}
