// The position of playback in a live stream: at the live edge, or behind it if the viewer went back.

import { ahead } from "./hls_video.ts";
import type { LiveVideoElement } from "./live_video.ts";
import { isBehindOnPurpose } from "./playback_rate.ts";

const WINDOW_EDGE_SECONDS = 3; // not seekable: the oldest segments leave the window while they are loaded
const NATIVE_LIVE_SECONDS = 5;
const BACK_SECONDS = 0.5;
const GAP_SECONDS = 0.02;
const REST_SECONDS = 0.15; // sound without a picture is not played
const GAP_MAX_SECONDS = 2;

export type Position = { window: number; behind: number; atLive: boolean };

export class DvrPosition {
  hasStream = false;
  atLive = true;
  /** Called whenever the position may have changed. */
  onChange = () => {};

  constructor(private video: LiveVideoElement) {}

  /** Returns the time of the live edge as far as it can be played, or null. */
  live(): number | null {
    const { api, seekable } = this.video;
    if (api) return api.latestLevelDetails ? api.liveSyncPosition : null;
    return seekable.length ? seekable.end(seekable.length - 1) - NATIVE_LIVE_SECONDS : null;
  }

  /** Returns how many seconds playback is behind `live()`, or null. */
  late(): number | null {
    const live = this.live();
    return live === null ? null : live - this.video.currentTime;
  }

  /** Returns how far back one can seek and how far behind live playback is, in seconds; null without a stream. */
  position(): Position | null {
    const { api, seekable, currentTime, paused } = this.video;
    const live = this.live();
    const start = api ? api.latestLevelDetails?.fragmentStart : seekable.length ? seekable.start(0) : null;
    if (live === null || start == null || !this.hasStream) return null;
    const window = Math.max(0, live - start - WINDOW_EDGE_SECONDS);
    return { window, behind: Math.max(0, live - currentTime), atLive: this.atLive && !paused };
  }

  /** Seeks to `behind` seconds before live. */
  seekTo(behind: number) {
    const [position, live] = [this.position(), this.live()];
    if (position && live !== null) this.video.currentTime = live - Math.min(Math.max(0, behind), position.window);
  }

  seekBy(seconds: number) {
    this.seekTo((this.position()?.behind ?? 0) - seconds);
  }

  toLive() {
    const live = this.live();
    this.atLive = true;
    if (live !== null) this.video.currentTime = live;
    if (this.video.paused) this.video.play().catch(() => {});
    this.onChange();
  }

  onPlay() {
    const position = this.position();
    if (!position) return;
    if (position.behind > position.window + WINDOW_EDGE_SECONDS) this.toLive();
    else this.atLive = !isBehindOnPurpose(position.behind);
    this.onChange();
  }

  /** Handles a seek from `from`. Only viewers seek back; hls.js and `skipGap` seek forward, also after a stall. */
  onSeeking(from: number) {
    if (!isBehindOnPurpose(this.late() ?? 0)) this.atLive = true;
    else if (this.video.currentTime < from - BACK_SECONDS) this.atLive = false;
    this.onChange();
  }

  /** Seeks over a gap in the buffer, as between two publishers, where hls.js waits. */
  skipGap() {
    const { buffered, currentTime, readyState } = this.video;
    if (readyState >= HTMLMediaElement.HAVE_FUTURE_DATA || ahead(this.video) > REST_SECONDS) return;
    for (let i = 0; i < buffered.length; i++) {
      const gap = buffered.start(i) - currentTime;
      if (gap > 0 && gap < GAP_MAX_SECONDS) {
        this.video.currentTime = buffered.start(i) + GAP_SECONDS;
        return;
      }
    }
  }
}
