// The video elements of the players, <live-video> and <recorded-video>: hls.js in a custom element.

import type { LoadPolicy, RetryConfig } from "hls.js";
import { HlsVideoElement } from "hls-video-element";
import type { VideoRenditionList, VideoTrack, VideoTrackList } from "media-tracks";

import { takeVideo } from "./realtime/early_playback.ts";

export const NOT_FOUND = 404;

/** An hls-video-element that dispatches `hlsready` when hls.js is created, before its first error. */
export class HlsVideo extends HlsVideoElement {
  // The library's types do not name what it inherits from media-tracks.
  declare readonly videoTracks: VideoTrackList;
  declare readonly videoRenditions: VideoRenditionList;
  declare readonly addVideoTrack: (kind: string) => VideoTrack;
  declare readonly removeVideoTrack: (track: VideoTrack) => void;

  /** Creates the `<video>`, or continues with the one that the document plays already. */
  init() {
    super.init();
    const early = this.localName === "live-video" ? takeVideo() : undefined;
    if (!early) return;
    const place = early.parentElement;
    early.setAttribute("part", "video");
    early.autoplay = false; // from now on the player decides
    this.shadowRoot?.querySelector("video")?.replaceWith(early);
    place?.remove();
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
