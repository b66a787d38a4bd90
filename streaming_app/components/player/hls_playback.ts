// Plays a stream as low-latency or plain HLS, at its distance from the live edge: hls.js's target, the rate, or a seek.

import type { ErrorData, LevelDetails } from "hls.js";
import { Hls } from "hls-video-element";
import type { ModeSelector } from "./delivery_mode.ts";
import type { Edge } from "./dvr_position.ts";
import type { HlsVideo } from "./hls_video.ts";
import { Jitter } from "./jitter.ts";
import { CONFIGS, PLAIN_SEGMENTS_BEHIND } from "./live_config.ts";
import type { LivePlayback } from "./live_playback.ts";
import { PlaybackRate } from "./playback_rate.ts";

const STALLED_MS = 900;
const STUCK_MS = 4000;
const SILENT_MS = 11000; // longer than the packager lets a playlist request wait
const ENOUGH_SECONDS = 1.5;
const GAP_MAX_SECONDS = 2;
const GAP_SECONDS = 0.02;
const REST_SECONDS = 0.15; // sound without a picture is not played

export class HlsPlayback {
  private speed = new PlaybackRate();
  private jitter = new Jitter();
  private newest: { segment: number; publisher?: number } | null = null; // in the last playlist
  private hasBegun = false;
  private isBack = false; // whether it replaces real time because the viewer went back
  private isStarved = false; // whether a stall has no known reason yet

  constructor(
    private video: HlsVideo,
    private selector: ModeSelector,
    private owner: LivePlayback,
  ) {
    video.addEventListener("hlsready", () => {
      const hls = video.api as Hls;
      hls.on(Hls.Events.ERROR, (_, error) => this.onError(error));
      hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => this.onPlaylist(details));
      hls.on(Hls.Events.BUFFER_APPENDED, (_, { type }) => this.onAppended(type));
    });
    video.addEventListener("seeking", () => this.jitter.reset());
    video.addEventListener("canplay", () => this.begin());
  }

  /** Loads the playlist from its live edge, or from `behind` seconds before it. */
  start(url: string, behind: number) {
    const config = CONFIGS[this.selector.mode === "low" ? "low" : "plain"];
    this.speed = new PlaybackRate();
    this.jitter.reset();
    this.newest = null;
    this.isStarved = false;
    this.isBack = behind > 0;
    // `begin` replaces this value.
    this.hasBegun = !behind;
    this.video.config = behind ? { ...config, liveSyncDuration: behind } : config;
    this.video.src = url;
  }

  /** Measures positions from the live edge, and not from where playback begins. The viewer may have paused before. */
  private begin() {
    const { api } = this.video;
    const details = api?.latestLevelDetails;
    if (!this.hasBegun && details) api.targetLatency = this.distance(performance.now(), details);
    this.hasBegun = true;
  }

  /** Continues to load after a short disconnection of the publisher. */
  continue() {
    this.jitter.reset();
    this.video.api?.startLoad();
  }

  /** Returns the position of live playback, and of the oldest media; null while they are unknown. */
  edge(): Edge | null {
    const { api } = this.video;
    const [live, start] = [api?.liveSyncPosition, api?.latestLevelDetails?.fragmentStart];
    return live == null || start === undefined || !this.hasBegun ? null : { live, start };
  }

  /** Seeks to `live - behind`, or lets the best mode play the live picture again. */
  seek(live: number, behind: number) {
    if (this.isBack && !behind) {
      this.selector.begin();
      this.owner.start();
    } else this.video.currentTime = live - behind;
  }

  /** Keeps the distance from the live edge: sets target and rate, or seeks. */
  keep() {
    const { owner, speed, video } = this;
    const { ahead, api, paused, seeking } = video;
    const details = api?.latestLevelDetails;
    if (!this.hasBegun || !api || !details?.live || paused || seeking) return;
    const now = performance.now();
    const distance = this.distance(now, details);
    api.targetLatency = distance;
    this.skipGap();
    const position = owner.dvr.position();
    let rate = 1;
    if (owner.dvr.atLive && owner.isLive && position) {
      if (speed.shouldJump(position.late, ahead, distance)) {
        video.currentTime = position.live;
        return;
      }
      rate = speed.rate(now, position.late, ahead, distance);
    }
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  /** Returns the distance in seconds: the playlist's own value, plus a margin after stalls or when parts arrive unevenly. */
  private distance(now: number, { partHoldBack, partTarget, targetduration }: LevelDetails): number {
    const afterStalls = this.selector.margin(now);
    if (this.selector.mode !== "low" || !partHoldBack) return PLAIN_SEGMENTS_BEHIND * targetduration + afterStalls;
    return partHoldBack + Math.max(afterStalls, this.jitter.margin(partTarget, partHoldBack));
  }

  /** Seeks over a gap in the buffer, as between two publishers, where hls.js waits. */
  private skipGap() {
    const { api, currentTime, readyState } = this.video;
    const { len = 0, nextStart = Infinity } = api?.mainForwardBufferInfo ?? {};
    if (readyState >= HTMLMediaElement.HAVE_FUTURE_DATA || len > REST_SECONDS) return;
    if (nextStart - currentTime < GAP_MAX_SECONDS) this.video.currentTime = nextStart + GAP_SECONDS;
  }

  /** Records that playback waits for media. */
  stalled() {
    if (this.owner.dvr.atLive) this.speed.starve();
    if (this.owner.isLive) this.isStarved = true;
  }

  /**
   * Returns whether a position that has not changed for `stillMs` needs another start. Each `attempt`, from 1, may take
   * longer, because a slow network or device would otherwise never reach the first picture.
   */
  isStuck(stillMs: number, attempt: number): boolean {
    const { ahead, api } = this.video;
    // Media may be missing because the server has none, not because the network is slow.
    const isSilent = ahead < 0.5 && (api?.latestLevelDetails?.age ?? 0) * 1000 > STALLED_MS;
    return stillMs > Math.max(isSilent ? SILENT_MS : 0, STUCK_MS * attempt);
  }

  /** Records when a part can be played. Sound is appended separately, and would count each part twice. */
  private onAppended(type: string) {
    const { jitter, owner, video } = this;
    const counts = type !== "audio" && owner.dvr.atLive && !video.seeking;
    if (counts) jitter.arrived(performance.now(), video.currentTime + video.ahead);
    owner.keep();
  }

  private onPlaylist(details: LevelDetails) {
    const { advanced, endSN, fragmentHint, fragments, live, partTarget, startSN } = details;
    const { newest, owner, selector, video } = this;
    const now = performance.now();
    const isLow = selector.mode === "low";
    const isRefused = isLow && !partTarget; // the server redirects to plain HLS while it has no low latency
    if (owner.isLive && (isRefused || !live)) {
      // The playlist may be the previous stream's: hls.js would play its end and never request the live playlist.
      video.src = ""; // after stopLoad alone, media of pending requests would still be shown
      const fallsBack = isRefused ? selector.refused(now) : selector.failed(now);
      return fallsBack ? owner.start() : owner.retry({ anew: true });
    }
    if (isLow) owner.answered();
    // Each publisher begins another discontinuity.
    this.newest = { segment: endSN, publisher: (fragmentHint ?? fragments.at(-1))?.cc };
    // A jump in the numbers means that the packager was restarted: no new segment continues the loaded media.
    if (newest && startSN > newest.segment + 1) {
      selector.begin();
      return owner.start();
    }
    if (this.isStarved && advanced) {
      this.isStarved = false;
      // The video of another publisher did not exist any sooner, so that stall does not count.
      if (newest?.publisher === this.newest.publisher && selector.interrupted(now)) return owner.start();
    }
    owner.keep();
  }

  private onError(error: ErrorData) {
    const { owner, selector, video } = this;
    if (!error.fatal || !owner.isLive) return;
    const now = performance.now();
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR) {
      const isRepeated = selector.interrupted(now, "the low-latency video couldn't be decoded");
      return isRepeated ? owner.start() : video.api?.recoverMediaError();
    }
    // While paused or with enough in the buffer, playback is not affected yet, and falling back would lose the position.
    if (owner.isHeld || video.ahead > ENOUGH_SECONDS) return owner.retry();
    const isEmpty = error.details === Hls.ErrorDetails.MANIFEST_LOAD_ERROR && error.response?.code === 404;
    if (!isEmpty && selector.failed(now)) owner.start();
    else owner.retry({ isEmpty });
  }
}
