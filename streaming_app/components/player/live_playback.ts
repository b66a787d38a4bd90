// Keeps a <live-video> playing at the live edge or at the viewer's position, and recovers it from errors.

import type { ErrorData, LevelDetails } from "hls.js";
import { Hls } from "hls-video-element";
import type { StreamState } from "../generated.ts";
import { RetryTimer } from "../retry_timer.ts";
import { DvrPosition } from "./dvr_position.ts";
import { LOW, ModeSelector, PLAIN } from "./hls_mode.ts";
import { type HlsVideo, NOT_FOUND } from "./hls_video.ts";
import { LatencyController } from "./latency_controller.ts";
import { CONFIGS } from "./live_config.ts";
import { LiveStats } from "./live_stats.ts";

const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = { [LOW]: 1000, [PLAIN]: 8000 };
const TROUBLE_AFTER_FAILURES = 4;
const WATCHDOG_MS = 500;
const STALLED_MS = 900;
const STUCK_MS = 4000;
const SILENT_MS = 11000; // longer than the packager lets a playlist request wait
const ENOUGH_SECONDS = 1.5;
const DRY_SECONDS = 0.25;

/**
 * `idle`: nothing to play. `stalled`: until the publisher is back. `empty`: the stream is live but has no picture yet.
 * `trouble`: the video does not load.
 */
export type Phase = "idle" | "loading" | "playing" | "stalled" | "empty" | "trouble";

export class LivePlayback {
  isHeld = false; // paused by the viewer: the position is kept until "play"
  readonly dvr: DvrPosition;
  readonly stats: LiveStats;
  private phase: Phase = "idle";
  private state: StreamState | "" = "";
  private sources = { [LOW]: "", [PLAIN]: "" };
  private selector = new ModeSelector();
  private latency: LatencyController;
  private retries = new RetryTimer(FIRST_RETRY_MS);
  private hasPlayed = false; // whether anything of this stream was played
  private isEmpty = false; // whether the server answers, but has no media of this stream yet
  private moved = { at: 0, time: -1 };
  private newest: { segment: number; publisher?: number } | null = null; // in the last playlist
  private isStarved = false; // whether a stall has no known reason yet
  private watchdog = setInterval(() => this.watch(), WATCHDOG_MS);

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
    const was = this.state;
    this.state = state;
    this.sources = { [LOW]: lowLatency, [PLAIN]: src };
    const isOtherOffer = this.selector.offer(Boolean(lowLatency));
    if (state !== "live") this.retries.cancel();
    if (state === "offline" && was !== "offline") this.stop();
    else if (state === "live" && (was !== "live" || this.phase === "idle")) this.recover(was);
    else if (state === "live" && isOtherOffer) this.start();
  }

  private recover(was: StreamState | "") {
    const { mode } = this.selector;
    this.retries.failures = 0;
    this.hasPlayed = this.isEmpty = false;
    this.moved.at = performance.now();
    this.latency.jitter.reset();
    this.selector.begin({ isNew: was !== "" });
    // After a short disconnection the same playlist continues, and playback continues from the loaded media into it.
    const continues = was === "reconnecting" && (this.phase === "playing" || this.phase === "stalled");
    if (continues && mode === this.selector.mode) this.video.api?.startLoad();
    else this.start();
  }

  /** Loads the stream from its live edge. */
  start() {
    const { video } = this;
    this.retries.cancel();
    this.onReplace();
    if (!this.saysTrouble()) this.say("loading");
    this.moved = { at: performance.now(), time: -1 };
    this.latency = new LatencyController(video, this.dvr, this.selector);
    this.dvr.atLive = true;
    this.newest = null;
    this.isStarved = false;
    const src = this.sources[this.selector.mode];
    video.config = CONFIGS[this.selector.mode];
    if (video.src !== src) {
      video.src = src;
    } else {
      video.api?.loadSource(src);
      video.api?.startLoad();
    }
  }

  /** Ends playback, also of loaded media, because the stream has ended. */
  private stop() {
    this.isHeld = false;
    this.video.api?.stopLoad();
    this.video.pause();
    this.say("idle");
  }

  private onPlaylist({ advanced, endSN, fragmentHint, fragments, live, startSN }: LevelDetails) {
    const { newest, selector } = this;
    const now = performance.now();
    const isLow = selector.mode === LOW;
    if (!live && this.state === "live") {
      // This is the previous stream's playlist: hls.js would play its end and never request the live playlist.
      this.video.src = ""; // after stopLoad alone, media of pending requests would still be shown
      return isLow && selector.failed(now, NOT_FOUND) ? this.start() : this.retry({ anew: true });
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
      if (newest?.publisher === this.newest.publisher) this.countStall();
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
    if (this.selector.mode === LOW) this.isStarved = true;
    else this.countStall();
  }

  private countStall() {
    if (this.selector.stalled(performance.now())) this.start();
  }

  private onError(error: ErrorData) {
    if (!error.fatal || this.state !== "live") return;
    const now = performance.now();
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR) {
      return this.selector.broke(now) ? this.start() : this.video.api?.recoverMediaError();
    }
    // While paused or with enough in the buffer, playback is not affected yet, and falling back would lose the position.
    if (this.isHeld || this.video.ahead > ENOUGH_SECONDS) return this.retry();
    const status = error.response?.code ?? 0;
    // The server answers, but has nothing to play.
    const isRefusal = error.details === Hls.ErrorDetails.MANIFEST_LOAD_ERROR && status === NOT_FOUND;
    if (isRefusal && this.selector.mode === LOW) return this.onRefusal();
    this.isEmpty = isRefusal && !this.hasPlayed;
    if (this.selector.failed(now, status)) this.start();
    else this.retry();
  }

  /** Plays plain HLS if the server has it but no low latency. A new stream has neither in its first moments. */
  private async onRefusal() {
    const answer = await fetch(this.sources[PLAIN], { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (this.state !== "live" || this.selector.mode !== LOW) return;
    this.isEmpty = answer?.status === NOT_FOUND && !this.hasPlayed;
    if (answer?.ok && this.selector.refused(performance.now())) this.start();
    else this.retry();
  }

  /** Restarts playback if its position does not change while the stream is live and not paused. */
  private watch() {
    const { api, ahead, paused } = this.video;
    const now = performance.now();
    const stillMs = now - this.moved.at;
    // Media may be missing because the server has none, not because the network is slow.
    const isSilent = ahead < 0.5 && (api?.latestLevelDetails?.age ?? 0) * 1000 > STALLED_MS;
    if (this.state !== "live") {
      if (this.phase === "playing" && stillMs > STALLED_MS) this.say("stalled");
    } else if (this.isHeld || (paused && this.phase === "playing")) {
      this.moved.at = now;
    } else if (!this.retries.isWaiting && this.phase !== "idle" && stillMs > (isSilent ? SILENT_MS : STUCK_MS)) {
      this.retry({ anew: true });
    } else if (this.phase === "playing" && this.dvr.atLive && this.selector.mayReturn(now)) {
      this.tryLowLatency();
    }
  }

  private async tryLowLatency() {
    this.selector.postponeReturn(performance.now());
    const answer = await fetch(this.sources[LOW], { cache: "no-store" }).catch(() => null);
    if (!answer?.ok || this.state !== "live" || this.selector.mode === LOW || !this.dvr.atLive) return;
    this.selector.comeBack();
    this.start();
  }

  /** Loads again after a delay; `anew` also discards the loaded media. */
  private retry({ anew = false } = {}) {
    if (this.retries.isWaiting || this.state !== "live") return;
    this.retries.start(LAST_RETRY_MS[this.selector.mode], () => {
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

  destroy() {
    clearInterval(this.watchdog);
    this.retries.cancel();
    this.video.src = "";
  }
}
