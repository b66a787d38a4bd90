// The video element of the players: hls.js in a custom element. Recordings use it as it is, as <recorded-video>.

import type { ErrorData, LevelDetails } from "hls.js";
import { Hls, HlsVideoElement } from "hls-video-element";

export const NOT_FOUND = 404;

/** An hls-video-element that dispatches `hlsready` when hls.js is created, before its first error. */
export class HlsVideo extends HlsVideoElement {
  async load() {
    await super.load();
    if (this.api) this.dispatchEvent(new Event("hlsready"));
  }
}

/** Returns the seconds that can be played without loading more. */
export function ahead({ buffered, currentTime }: HTMLMediaElement): number {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) - 0.1 <= currentTime && currentTime <= buffered.end(i)) return buffered.end(i) - currentTime;
  }
  return 0;
}

/** Returns whether the server answers, but has nothing to play. */
export function isRefusal({ details, response }: ErrorData): boolean {
  return details === Hls.ErrorDetails.MANIFEST_LOAD_ERROR && response?.code === NOT_FOUND;
}

/** Returns the discontinuity number of the newest segment: each publisher begins another. */
export function newestIn({ fragmentHint, fragments }: LevelDetails): number | undefined {
  return (fragmentHint ?? fragments.at(-1))?.cc;
}
