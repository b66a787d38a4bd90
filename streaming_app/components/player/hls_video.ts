// The video elements of the players, <live-video> and <recorded-video>: hls.js in a custom element.

import type { LoadPolicy, RetryConfig } from "hls.js";
import { HlsVideoElement } from "hls-video-element";
import { continueVideo } from "./realtime/early_playback.ts";

/** An hls-video-element that dispatches `hlsready` when hls.js is created, before its first error. */
export class HlsVideo extends HlsVideoElement {
  /** Creates the `<video>`, or continues with the one that the document plays already. */
  init() {
    super.init();
    if (this.localName === "live-video") continueVideo(this);
  }

  async load() {
    await super.load();
    if (this.api) this.dispatchEvent(new Event("hlsready"));
  }

  /** The seconds that can be played without loading more. */
  get ahead(): number {
    const { api, buffered, currentTime } = this;
    if (api) return api.mainForwardBufferInfo?.len ?? 0;
    return buffered.length ? Math.max(0, buffered.end(buffered.length - 1) - currentTime) : 0;
  }
}

for (const tag of ["live-video", "recorded-video"]) {
  if (!customElements.get(tag)) customElements.define(tag, class extends HlsVideo {});
}

/** Returns how hls.js loads files: the same retries after a timeout and after any other error. */
export function loadPolicy(maxTimeToFirstByteMs: number, maxLoadTimeMs: number, retry: RetryConfig | null): LoadPolicy {
  return { default: { maxTimeToFirstByteMs, maxLoadTimeMs, timeoutRetry: retry, errorRetry: retry } };
}
