// Keeps a <live-video> playing at the live edge or at the viewer's position, and recovers it from errors.

import type { ErrorData, LevelDetails } from "hls.js";
import { Hls } from "hls-video-element";
import type { StreamState } from "../generated.ts";
import { DvrPosition } from "./dvr_position.ts";
import { LOW, ModeSelector, PLAIN } from "./hls_mode.ts";
import { type HlsVideo, NOT_FOUND } from "./hls_video.ts";
import { LatencyController } from "./latency_controller.ts";
import { CONFIGS } from "./live_config.ts";
import { LiveStats } from "./live_stats.ts";
import { RetryTimer } from "./retry_timer.ts";

const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = { [LOW]: 1000, [PLAIN]: 8000 };
const TROUBLE_AFTER_FAILURES = 4;
const STALLED_MS = 900;
const STUCK_MS = 4000;
const SILENT_MS = 11000; // longer than the packager lets a playlist request wait
const ENOUGH_SECONDS = 1.5;
const DRY_SECONDS = 0.25;

/**
 * Empty until the first `update`. `idle`: nothing to play. `ended`: nothing to play since the stream ended. `stalled`: until the publisher is back.
 * `empty`: the stream is live but has no picture yet. `trouble`: the video does not load.
 */
export type Phase = "" | "idle" | "ended" | "loading" | "playing" | "stalled" | "empty" | "trouble";

export class LivePlayback {
  isHeld = false; // paused by the viewer: the position is kept until "play"
  readonly dvr: DvrPosition;
  readonly stats: LiveStats;
  private phase: Phase = "";
  private state: StreamState | "" = "";
  private sources = { [LOW]: "", [PLAIN]: "" };
  private selector = new ModeSelector();
  private latency: LatencyController;
  private retries = new RetryTimer();
  private hasPlayed = false; // whether anything of this stream was played
  private isEmpty = false; // whether the server answers, but has no media of this stream yet
  private moved = { at: 0, time: -1 };
  private newest: { segment: number; publisher?: number } | null = null; // in the last playlist
  private isStarved = false; // whether a stall has no known reason yet

  /** `onReplace` is called before the video is replaced by another source. */
  constructor(
    private video: HlsVideo,
    private onPhase: (phase: Phase) => void,
    private onReplace: () => void,
  ) {
    this.dvr = new DvrPosition(video);
    this.stats = new LiveStats(video, this.selector);
    this.latency = new LatencyController(video, this.dvr, this.selector);
    video.addEventListener("hlsready", () => this.listen());
    video.addEventListener("timeupdate", () => this.onProgress());
    video.addEventListener("playing", () => this.onProgress());
    video.addEventListener("waiting", () => this.onWaiting());
    video.addEventListener("seeking", () => this.onSeeking());
    video.addEventListener("pause", () => (this.isHeld = this.state !== "offline" && !video.ended));
    video.addEventListener("play", () => {
      this.isHeld = false;
      this.dvr.onPlay();
    });
  }

  private listen() {
    const { Events } = Hls;
    const hls = this.video.api as Hls;
    hls.on(Events.ERROR, (_, error) => this.onError(error));
    hls.on(Events.LEVEL_LOADED, (_, { details }) => this.onPlaylist(details));
    hls.on(Events.BUFFER_APPENDED, (_, { type }) => {
      this.latency.appended(type);
      this.keepLatency();
    });
  }

  /** Sets the URLs of the playlists (`lowLatency` may be empty) and the state of the stream. */
  update(src: string, lowLatency: string, state: StreamState) {
    const { sources, state: was } = this;
    this.state = state;
    this.sources = { [LOW]: lowLatency, [PLAIN]: src };
    if (state !== "live") this.retries.cancel();
    if (state === "offline" && was !== "offline") this.stop(was);
    else if (state === "live" && (was !== "live" || !lowLatency !== !sources[LOW])) this.recover(was);
  }

  private recover(was: StreamState | "") {
    const { mode } = this.selector;
    this.retries.failures = 0;
    this.hasPlayed = this.isEmpty = false;
    this.moved.at = performance.now();
    this.latency.jitter.reset();
    this.selector.begin({ hasLow: this.sources[LOW] !== "", isNew: was === "offline" || was === "reconnecting" });
    // After a short disconnection the same playlist continues, and playback continues from the loaded media into it.
    const continues = was === "reconnecting" && (this.phase === "playing" || this.phase === "stalled");
    if (continues && mode === this.selector.mode) this.video.api?.startLoad();
    else this.start();
  }

  /** Loads the stream from its live edge. */
  start() {
    const { selector, sources, video } = this;
    this.retries.cancel();
    this.onReplace();
    if (!this.saysTrouble()) this.say("loading");
    this.moved = { at: performance.now(), time: -1 };
    this.latency = new LatencyController(video, this.dvr, selector);
    this.dvr.atLive = true;
    this.newest = null;
    this.isStarved = false;
    video.config = CONFIGS[selector.mode];
    video.src = ""; // otherwise the same URL would not be loaded again
    video.src = sources[selector.mode];
  }

  /** Ends playback, also of loaded media, because the stream has ended. */
  private stop(was: StreamState | "") {
    this.isHeld = false;
    this.video.api?.stopLoad();
    this.video.pause();
    this.say(was ? "ended" : "idle");
  }

  private onPlaylist({ advanced, endSN, fragmentHint, fragments, live, partTarget, startSN }: LevelDetails) {
    const { newest, selector } = this;
    const now = performance.now();
    const isLow = selector.mode === LOW;
    const isRefused = isLow && !partTarget; // the server redirects to plain HLS while it has no low latency
    if (this.state === "live" && (isRefused || !live)) {
      // The playlist may be the previous stream's: hls.js would play its end and never request the live playlist.
      this.video.src = ""; // after stopLoad alone, media of pending requests would still be shown
      const fallsBack = isRefused ? selector.refused(now) : selector.failed(now);
      return fallsBack ? this.start() : this.retry({ anew: true });
    }
    if (isLow) {
      selector.answered(now);
      this.retries.failures = 0;
    }
    // Each publisher begins another discontinuity.
    this.newest = { segment: endSN, publisher: (fragmentHint ?? fragments.at(-1))?.cc };
    // A jump in the numbers means that the packager was restarted: no new segment continues the loaded media.
    if (newest && startSN > newest.segment + 1) {
      selector.begin();
      return this.start();
    }
    if (this.isStarved && advanced) {
      this.isStarved = false;
      // The video of another publisher did not exist any sooner, so that stall does not count.
      if (newest?.publisher === this.newest.publisher && selector.interrupted(now)) return this.start();
    }
    this.keepLatency();
  }

  private onProgress() {
    const { video } = this;
    const time = video.currentTime;
    if (video.paused || video.seeking || time === this.moved.time) return;
    this.moved = { at: performance.now(), time };
    this.hasPlayed = true;
    this.retries.failures = 0;
    if (this.state !== "offline") this.say("playing");
    this.keepLatency();
  }

  private onSeeking() {
    this.latency.jitter.reset();
    this.dvr.onSeeking(this.moved.time);
    this.moved.at = performance.now();
  }

  private onWaiting() {
    const { video } = this;
    if (video.seeking || video.paused || this.moved.time < 0) return;
    if (video.ahead > DRY_SECONDS) return; // the device is busy, not the network
    if (this.dvr.atLive) this.latency.speed.starve();
    if (this.state !== "live") return;
    this.stats.stalls += 1;
    this.isStarved = true;
  }

  private onError(error: ErrorData) {
    if (!error.fatal || this.state !== "live") return;
    const now = performance.now();
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR) {
      const isRepeated = this.selector.interrupted(now, "the low-latency video couldn't be decoded");
      return isRepeated ? this.start() : this.video.api?.recoverMediaError();
    }
    // While paused or with enough in the buffer, playback is not affected yet, and falling back would lose the position.
    if (this.isHeld || this.video.ahead > ENOUGH_SECONDS) return this.retry();
    // The server answers, but has nothing to play.
    const isMissing = error.details === Hls.ErrorDetails.MANIFEST_LOAD_ERROR && error.response?.code === NOT_FOUND;
    this.isEmpty = isMissing && !this.hasPlayed;
    if (!isMissing && this.selector.failed(now)) this.start();
    else this.retry();
  }

  /** Restarts playback if its position does not change while the stream is live and not paused. Call it regularly. */
  watch() {
    const { api, ahead, paused } = this.video;
    const now = performance.now();
    const stillMs = now - this.moved.at;
    // Media may be missing because the server has none, not because the network is slow.
    const isSilent = ahead < 0.5 && (api?.latestLevelDetails?.age ?? 0) * 1000 > STALLED_MS;
    if (this.state !== "live") {
      if (this.phase === "playing" && stillMs > STALLED_MS) this.say("stalled");
    } else if (this.isHeld || (paused && this.phase === "playing")) {
      this.moved.at = now;
    } else if (!this.retries.isWaiting && stillMs > (isSilent ? SILENT_MS : STUCK_MS)) {
      this.retry({ anew: true });
    } else if (this.phase === "playing" && this.dvr.atLive && this.selector.mayReturn(now)) {
      this.tryLowLatency();
    }
  }

  private async tryLowLatency() {
    this.selector.postponeReturn(performance.now());
    const answer = await fetch(this.sources[LOW], { cache: "no-store", redirect: "error" }).catch(() => null);
    if (!answer?.ok || this.state !== "live" || this.selector.mode === LOW || !this.dvr.atLive) return;
    this.selector.comeBack();
    this.start();
  }

  /** Loads again after a delay; `anew` also discards the loaded media. */
  private retry({ anew = false } = {}) {
    if (this.retries.isWaiting || this.state !== "live") return;
    this.retries.start(FIRST_RETRY_MS, LAST_RETRY_MS[this.selector.mode], () => {
      const { api } = this.video;
      if (!anew && api?.latestLevelDetails) api.startLoad();
      else this.start();
    });
    if (performance.now() - this.moved.at > STALLED_MS) this.saysTrouble();
  }

  /** Shows that the video does not load, after several failures; returns whether it does. */
  private saysTrouble(): boolean {
    if (this.isHeld || this.retries.failures < TROUBLE_AFTER_FAILURES) return false;
    this.say(this.isEmpty ? "empty" : "trouble");
    return true;
  }

  private keepLatency() {
    if (this.moved.time >= 0 && !this.isHeld) this.latency.keep(this.state === "live");
  }

  private say(phase: Phase) {
    if (phase !== this.phase) this.onPhase(phase);
    this.phase = phase;
  }

  /** Stops loading again, when the player leaves the page. */
  destroy() {
    this.retries.cancel();
  }
}
