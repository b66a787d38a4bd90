// Where in a live stream the picture is: at the live edge, or as far behind it as its viewer went.

import { isBehindOnPurpose } from "./delivery.ts";
import { ahead } from "./live_video.js";

const WINDOW_EDGE_SECONDS = 3; // not offered: what is oldest leaves the window while it is being fetched
const NATIVE_LIVE_SECONDS = 5;
const BACK_SECONDS = 0.5;
const HOLE_SECONDS = 0.02;
const REST_SECONDS = 0.15; // sound that no picture goes with: it is not played
const HOLE_MAX_SECONDS = 2;

export class LivePlace {
  constructor(video) {
    this.video = video;
    this.hasStream = false;
    this.atLive = true;
    this.listeners = new Set();
  }

  /** hls.js, once it plays; the browser plays by itself without. */
  get api() {
    return this.video.api;
  }

  /** Seconds after where the picture would be if it were as live as it can be; `null` while that is unknown. */
  late() {
    const live = this.live();
    return live === null ? null : live - this.video.currentTime;
  }

  live() {
    const { api, video } = this;
    if (api) return api.latestLevelDetails ? api.liveSyncPosition : null;
    return video.seekable?.length ? video.seekable.end(video.seekable.length - 1) - NATIVE_LIVE_SECONDS : null;
  }

  /** The window that can be seeked in and how far behind live the picture is, in seconds; `null` while there is none. */
  position() {
    const { api, video } = this;
    const live = this.live();
    const start = api ? api.latestLevelDetails?.fragmentStart : video.seekable?.length ? video.seekable.start(0) : null;
    if (live === null || start == null || !this.hasStream) return null;
    const behind = Math.max(0, live - video.currentTime);
    return { window: Math.max(0, live - start - WINDOW_EDGE_SECONDS), behind, atLive: this.atLive && !video.paused };
  }

  /** Go to so many seconds behind live. */
  seekTo(behind) {
    const position = this.position();
    if (!position) return;
    this.video.currentTime = this.live() - Math.min(Math.max(0, behind), position.window);
  }

  seekBy(seconds) {
    const position = this.position();
    if (position) this.seekTo(position.behind - seconds);
  }

  toLive() {
    const live = this.live();
    this.atLive = true;
    if (live !== null) this.video.currentTime = live;
    if (this.video.paused) this.video.play().catch(() => {});
    this.tell();
  }

  /** Calls `listener` whenever the position may have changed. */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell() {
    for (const listener of this.listeners) listener();
  }

  onPlay() {
    const position = this.position();
    if (!position) return;
    if (position.behind > position.window + WINDOW_EDGE_SECONDS) this.toLive();
    else this.atLive = !isBehindOnPurpose(position.behind);
    this.tell();
  }

  /** Only viewers go back. Forward also go hls.js and this, over holes: being late after a stall is nobody's purpose. */
  onSeeking(from) {
    const isBehind = isBehindOnPurpose(this.late() ?? 0);
    if (!isBehind) this.atLive = true;
    else if (this.video.currentTime < from - BACK_SECONDS) this.atLive = false;
    this.tell();
  }

  /** Into what follows a gap, such as the one between two publishers: hls.js waits there, and not at all at rate 0. */
  skipHole() {
    const { buffered, currentTime, readyState } = this.video;
    if (readyState >= HTMLMediaElement.HAVE_FUTURE_DATA || ahead(this.video) > REST_SECONDS) return;
    for (let i = 0; i < buffered.length; i++) {
      const gap = buffered.start(i) - currentTime;
      if (gap > 0 && gap < HOLE_MAX_SECONDS) {
        this.video.currentTime = buffered.start(i) + HOLE_SECONDS;
        return;
      }
    }
  }
}
