// The video element of the players: hls.js in a custom element. Recordings use it as it is, as <recorded-video>.

import { HlsVideoElement } from "hls-video-element";

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
