// Keeps a <live-video> playing at the live edge or at the viewer's position, and recovers it from errors.

import type { ErrorData, LevelDetails } from "hls.js";
import { Hls } from "hls-video-element";
import type { StreamState } from "../generated.ts";
import { RetryTimer } from "../retry_timer.ts";
import { DvrPosition } from "./dvr_position.ts";
import { LOW, ModeSelector, PLAIN } from "./hls_mode.ts";
import { ahead, isRefusal, NOT_FOUND, newestIn } from "./hls_video.ts";
import { LatencyController } from "./latency_controller.ts";
import { LiveStats } from "./live_stats.ts";
import { CONFIGS, type LiveVideoElement } from "./live_video.ts";

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
  phase: Phase = "idle";
  isHeld = false; // paused by the viewer: the position is kept until "play"
  readonly dvr: DvrPosition;
  readonly stats: LiveStats;
  private state: StreamState | "" = "";
  private sources = { [LOW]: "", [PLAIN]: "" };
  private selector = new ModeSelector();
  private latency: LatencyController;
  private retries = new RetryTimer(FIRST_RETRY_MS);
  private hasPlayed = false; // whether anything of this stream was played
  private isEmpty = false; // whether the server answers, but has no media of this stream yet
  private moved = { at: 0, time: -1 };
  private lastNumber: number | null = null;
  private starvedIn: number | undefined | null = null; // discontinuity number of an unexplained stall
  private watchdog = setInterval(() => this.watch(), WATCHDOG_MS);

  /** `onReplace` is called before the video is replaced by another source. */
  constructor(
    private video: LiveVideoElement,
    private onPhase: () => void,
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
    video.addEventListener("error", () => video.api || this.onLoadFailed(0));
  }

  private listen() {
    const { Events } = Hls;
    const hls = this.video.api as Hls;
    hls.on(Events.ERROR, (_, error) => this.onError(error));
    hls.on(Events.LEVEL_LOADED, (_, { details }) => this.onAnswer(details));
    hls.on(Events.LEVEL_UPDATED, (_, { details }) => this.onPlaylist(details));
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
    if (state === "live" && (was !== "live" || this.phase === "idle")) this.recover(was);
    else if (state === "live" && isOtherOffer) this.start();
    if (state === "offline" && was !== "offline") this.stop();
    if (state !== "live") this.retries.cancel();
  }

  private recover(was: StreamState | "") {
    const { mode } = this.selector;
    this.retries.failures = 0;
    this.hasPlayed = this.isEmpty = false;
    this.moved.at = performance.now();
    this.latency.interrupted();
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
    this.say(this.retries.failures >= TROUBLE_AFTER_FAILURES && !this.isHeld ? this.trouble : "loading");
    this.moved = { at: performance.now(), time: -1 };
    this.latency.restart();
    this.dvr.atLive = true;
    this.lastNumber = this.starvedIn = null;
    const src = this.sources[this.selector.mode];
    video.config = CONFIGS[this.selector.mode];
    if (video.src !== src) {
      video.src = src;
    } else if (video.api) {
      video.api.loadSource(src);
      video.api.startLoad();
    } else {
      video.load();
    }
  }

  /** Ends playback, also of loaded media, because the stream has ended. */
  private stop() {
    this.retries.cancel();
    this.isHeld = false;
    this.video.api?.stopLoad();
    this.video.pause();
    this.say("idle");
  }

  private onAnswer(details: LevelDetails) {
    const isLow = this.selector.mode === LOW;
    if (!details.live && this.state === "live") {
      // This is the previous stream's playlist: hls.js would play its end and never request the live playlist.
      this.video.src = ""; // after stopLoad alone, media of pending requests would still be shown
      if (isLow && this.selector.failed(performance.now(), NOT_FOUND)) this.start();
      else this.retry({ anew: true });
    } else if (isLow) {
      this.selector.answered(performance.now());
      this.retries.failures = 0;
    }
  }

  private onPlaylist(details: LevelDetails) {
    // A jump in the numbers means that the packager was restarted: no new segment continues the loaded media.
    const { lastNumber } = this;
    this.lastNumber = details.endSN;
    if (lastNumber !== null && details.startSN > lastNumber + 1) {
      this.selector.begin();
      this.start();
    } else {
      this.explainStall(details);
      this.keepLatency();
    }
  }

  private onProgress() {
    const { video } = this;
    const time = video.currentTime;
    this.dvr.onChange();
    if (video.paused || video.seeking || time === this.moved.time) return;
    this.moved = { at: performance.now(), time };
    this.hasPlayed = true;
    this.retries.failures = 0;
    if (!video.api) this.selector.answered(performance.now());
    if (this.state !== "offline") this.say("playing");
    this.keepLatency();
  }

  private onSeeking() {
    this.latency.interrupted();
    this.dvr.onSeeking(this.moved.time);
    this.moved.at = performance.now();
  }

  private onWaiting() {
    const { video } = this;
    if (video.seeking || video.paused || this.moved.time < 0) return;
    if (ahead(video) > DRY_SECONDS) return; // the device is busy, not the network
    this.latency.stalled();
    if (this.state !== "live") return;
    this.stats.stalls += 1;
    const details = video.api?.latestLevelDetails;
    if (this.selector.mode === LOW && details) this.starvedIn = newestIn(details);
    else this.countStall();
  }

  /** Counts a stall unless the next playlist begins with another publisher: its video did not exist any sooner. */
  private explainStall(details: LevelDetails) {
    if (this.starvedIn === null || !details.advanced) return;
    if (newestIn(details) === this.starvedIn) this.countStall();
    this.starvedIn = null;
  }

  private countStall() {
    if (this.selector.stalled(performance.now())) this.start();
  }

  private onError(error: ErrorData) {
    if (!error.fatal || this.state !== "live") return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR) return this.onMediaError();
    // While paused or with enough in the buffer, playback is not affected yet, and falling back would lose the position.
    if (this.isHeld || ahead(this.video) > ENOUGH_SECONDS) return this.retry();
    if (this.selector.mode === LOW && isRefusal(error)) return this.onRefusal();
    this.isEmpty = isRefusal(error) && !this.hasPlayed;
    this.onLoadFailed(error.response?.code ?? 0);
  }

  private onMediaError() {
    const { selector } = this;
    if (selector.broke(performance.now())) this.start();
    else if (selector.errors.length > 1) this.retry({ anew: true });
    else this.video.api?.recoverMediaError();
  }

  private onLoadFailed(status: number) {
    if (this.selector.failed(performance.now(), status)) this.start();
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
    const stillMs = performance.now() - this.moved.at;
    this.dvr.onChange();
    if (this.state !== "live") {
      if (this.phase === "playing" && stillMs > STALLED_MS) this.say("stalled");
    } else if (this.isHeld || (this.video.paused && this.phase === "playing")) {
      this.moved.at = performance.now();
    } else if (!this.retries.isWaiting && this.phase !== "idle" && stillMs > (this.isSilent() ? SILENT_MS : STUCK_MS)) {
      this.retry({ anew: true });
    } else if (this.phase === "playing" && this.dvr.atLive && this.selector.mayReturn(performance.now())) {
      this.tryLowLatency();
    }
  }

  private get trouble(): Phase {
    return this.isEmpty ? "empty" : "trouble";
  }

  /** Returns whether media is missing because the server has none, not because the network is slow. */
  private isSilent(): boolean {
    const details = this.video.api?.latestLevelDetails;
    return Boolean(details && ahead(this.video) < 0.5 && details.age * 1000 > STALLED_MS);
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
    this.retries.start(LAST_RETRY_MS[this.selector.mode], () => this.resume(anew));
    const isStill = !this.isHeld && performance.now() - this.moved.at > STALLED_MS;
    if (this.retries.failures >= TROUBLE_AFTER_FAILURES && isStill) this.say(this.trouble);
  }

  private resume(anew: boolean) {
    const { api } = this.video;
    if (!anew && api?.latestLevelDetails) api.startLoad();
    else this.start();
  }

  private keepLatency() {
    if (this.moved.time >= 0 && !this.isHeld) this.latency.keep(this.state === "live");
  }

  private say(phase: Phase) {
    if (phase === this.phase) return;
    this.phase = phase;
    this.dvr.hasStream = phase !== "idle";
    this.onPhase();
  }

  destroy() {
    clearInterval(this.watchdog);
    this.retries.cancel();
    this.dvr.onChange = this.onPhase = this.onReplace = () => {};
    this.video.src = "";
  }
}
