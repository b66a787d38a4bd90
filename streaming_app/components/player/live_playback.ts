// Keeps a <live-video> playing at the live edge or at the viewer's position, and recovers it from errors.

import type { DeliveryMode, StreamState } from "../generated.ts";
import { ModeSelector } from "./delivery_mode.ts";
import { DvrPosition } from "./dvr_position.ts";
import { HlsPlayback } from "./hls_playback.ts";
import type { HlsVideo } from "./hls_video.ts";
import type { Playback } from "./playback_reports.ts";
import { RealtimePlayback } from "./realtime/realtime_playback.ts";
import { hasFrames } from "./realtime/realtime_socket.ts";
import { RetryTimer } from "./retry_timer.ts";

const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = { realtime: FIRST_RETRY_MS, low: 1000, plain: 8000 };
const TROUBLE_AFTER_FAILURES = 4;
const STALLED_MS = 900;
const DRY_SECONDS = 0.25;
const SLOW = "its first picture takes too long on this network or device";
const TRIES_MAX = 8; // how many count for the patience with the next one
const HAS_PICTURE = 2; // HTMLMediaElement.HAVE_CURRENT_DATA

/**
 * Empty until the first `update`. `idle`: nothing to play. `ended`: nothing to play since the stream ended. `stalled`: until the publisher is back.
 * `empty`: the stream is live but has no picture yet. `trouble`: the video does not load.
 */
export type Phase = "" | "idle" | "ended" | "loading" | "playing" | "stalled" | "empty" | "trouble";

/** The URL of the stream for each mode; empty if the channel has none. */
export type Sources = Record<DeliveryMode, string>;

export class LivePlayback {
  isHeld = false; // paused by the viewer: the position is kept until "play"
  sources: Sources = { realtime: "", low: "", plain: "" };
  stalls = 0; // while this player has been open
  readonly selector = new ModeSelector();
  readonly dvr: DvrPosition;
  readonly realtime: RealtimePlayback;
  private phase: Phase = "";
  private state: StreamState | "" = "";
  private hls: HlsPlayback;
  private retries = new RetryTimer();
  private hasPlayed = false; // whether anything of this stream was played
  private isEmpty = false; // whether the server answers, but has no media of this stream yet
  private moved = { at: 0, time: -1, stuck: 0 }; // `stuck`: how often it was started again since it last played
  private pausedAt = 0;

  /** `onReplace` is called before the video is replaced by another source. */
  constructor(
    readonly video: HlsVideo,
    private onPhase: (phase: Phase) => void,
    private onReplace: () => void,
  ) {
    this.dvr = new DvrPosition(video, this);
    this.hls = new HlsPlayback(video, this.selector, this);
    this.realtime = new RealtimePlayback(video, this.selector, this);
    video.addEventListener("timeupdate", () => this.onProgress());
    video.addEventListener("playing", () => this.onProgress());
    video.addEventListener("waiting", () => this.onWaiting());
    video.addEventListener("seeking", () => {
      this.dvr.onSeeking(this.moved.time);
      this.moved.at = performance.now();
    });
    video.addEventListener("pause", () => this.onPause());
    video.addEventListener("play", () => this.onPlay());
  }

  get isLive(): boolean {
    return this.state === "live";
  }

  /** What plays the selector's mode. */
  get delivery(): HlsPlayback | RealtimePlayback {
    return this.selector.mode === "realtime" ? this.realtime : this.hls;
  }

  /** Sets the URLs of the stream, and its state. */
  update(sources: Sources, state: StreamState) {
    const { state: was } = this;
    const isOther = offered(sources).length !== offered(this.sources).length;
    this.state = state;
    this.sources = sources;
    if (state !== "live") this.retries.cancel();
    if (state === "offline" && was !== "offline") this.stop(was);
    else if (state === "live" && (was !== "live" || isOther)) this.recover(was);
  }

  private recover(was: StreamState | "") {
    const { mode } = this.selector;
    this.retries.failures = 0;
    this.hasPlayed = this.isEmpty = false;
    this.moved = { ...this.moved, at: performance.now(), stuck: 0 };
    this.selector.begin({ modes: offered(this.sources), isNew: was === "offline" || was === "reconnecting" });
    // After a short disconnection the same stream continues, and playback continues from the loaded media into it.
    const continues = was === "reconnecting" && (this.phase === "playing" || this.phase === "stalled");
    if (continues && mode === this.selector.mode) this.delivery.continue();
    else this.start();
  }

  /** Loads the stream in the selector's mode, from its live edge or from `behind` seconds before it. */
  start(behind = 0) {
    const { sources, video } = this;
    this.retries.cancel();
    this.onReplace();
    if (!this.saysTrouble()) this.say("loading");
    this.pausedAt = performance.now(); // a paused viewer who seeks continues from there
    this.moved = { ...this.moved, at: performance.now(), time: -1 };
    this.dvr.atLive = !behind;
    this.realtime.stop();
    video.src = ""; // otherwise the same URL would not be loaded again
    this.delivery.start(sources[this.selector.mode], behind);
  }

  /** Ends playback, also of loaded media, because the stream has ended. */
  private stop(was: StreamState | "") {
    this.isHeld = false;
    this.realtime.stop();
    this.video.api?.stopLoad();
    this.video.pause();
    this.say(was ? "ended" : "idle");
  }

  private onPause() {
    // Browsers pause a video that has no sound while its page is hidden.
    if (this.selector.mode === "realtime" && document.hidden) return;
    this.isHeld = this.state !== "offline" && !this.video.ended;
    this.pausedAt = performance.now();
    if (this.isHeld) this.realtime.stop();
  }

  private onPlay() {
    if (!this.isHeld) return;
    this.isHeld = false;
    if (this.delivery === this.realtime) this.realtime.seek(0, (performance.now() - this.pausedAt) / 1000);
    else this.dvr.onPlay();
  }

  private onProgress() {
    const { video } = this;
    const time = video.currentTime;
    if (video.paused || video.seeking || time === this.moved.time) return;
    this.moved = { at: performance.now(), time, stuck: 0 };
    this.hasPlayed = true;
    this.retries.failures = 0;
    if (this.state !== "offline") this.say("playing");
    this.keep();
  }

  private onWaiting() {
    const { video } = this;
    // With media ahead, the device is busy, not the network.
    if (video.seeking || video.paused || this.moved.time < 0 || video.ahead > DRY_SECONDS) return;
    this.delivery.stalled();
    if (this.isLive) this.stalls += 1;
  }

  /** Restarts playback if its position does not change while the stream is live and not paused. Call it regularly. */
  watch() {
    const { moved, phase, selector, video } = this;
    const now = performance.now();
    this.realtime.runs(now);
    if (!this.isLive) {
      if (phase === "playing" && now - moved.at > STALLED_MS) this.say("stalled");
    } else if (this.isHeld || (video.paused && phase === "playing")) {
      moved.at = now;
    } else if (!this.retries.isWaiting && this.delivery.isStuck(now - moved.at, Math.min(moved.stuck + 1, TRIES_MAX))) {
      if (++moved.stuck > 1 && video.readyState < HAS_PICTURE && !document.hidden) selector.fallBack(now, SLOW);
      this.retry({ anew: true });
    } else if (phase === "playing" && this.dvr.atLive && selector.returnsTo(now)) {
      this.tryBetterMode(now);
    }
  }

  private async tryBetterMode(now: number) {
    const { selector, sources } = this;
    const better = selector.returnsTo(now) as DeliveryMode;
    selector.postponeReturn(now);
    const answers = await (better === "realtime" ? hasFrames(sources[better]) : hasPlaylist(sources[better]));
    if (!answers || !this.isLive || !this.dvr.atLive || selector.returnsTo(Infinity) !== better) return;
    selector.comeBack();
    this.start();
  }

  /** Records that the server answers again. */
  answered() {
    this.selector.answered(performance.now());
    this.retries.failures = 0;
  }

  /** Loads again after a delay; `anew` also discards the loaded media. `isEmpty`: the server answers, but has no media. */
  retry({ anew = false, isEmpty = this.isEmpty } = {}) {
    this.isEmpty = isEmpty && !this.hasPlayed;
    if (this.retries.isWaiting || !this.isLive) return;
    this.retries.start(FIRST_RETRY_MS, LAST_RETRY_MS[this.selector.mode], () => {
      const { api } = this.video;
      if (!anew && api?.latestLevelDetails) api.startLoad();
      else this.start();
    });
    if (this.delivery === this.realtime) this.retries.failures = 0; // low latency takes over from real time
    if (performance.now() - this.moved.at > STALLED_MS) this.saysTrouble();
  }

  /** Shows that the video does not load, after several failures; returns whether it does. */
  private saysTrouble(): boolean {
    if (this.isHeld || this.retries.failures < TROUBLE_AFTER_FAILURES) return false;
    this.say(this.isEmpty ? "empty" : "trouble");
    return true;
  }

  /** Keeps the distance from the live edge. */
  keep() {
    if (this.moved.time >= 0 && !this.isHeld) this.delivery.keep();
  }

  private say(phase: Phase) {
    if (phase !== this.phase) this.onPhase(phase);
    this.phase = phase;
  }

  /** Plays; returns false if the browser wants a gesture of the viewer before it plays sound. */
  async play(): Promise<boolean> {
    const refusal = await this.video.play().catch(({ name }) => name);
    return refusal !== "NotAllowedError" && this.realtime.resumeSound();
  }

  /** Seconds between the arrival of media at the site and its display, without the network; 0 while unknown. */
  get delay(): number {
    return (this.selector.mode === "realtime" ? this.realtime.delay : this.video.api?.latency) ?? 0;
  }

  /** Returns what the streamer's statistics count; null while the viewer does not watch the live picture. */
  report(): Playback | null {
    if (this.phase !== "playing" || this.isHeld || !this.dvr.atLive || !this.isLive) return null;
    return { delivery: this.selector.mode, delayMs: 1000 * this.delay, stalls: this.stalls };
  }

  /** Stops loading, when the player leaves the page. */
  destroy() {
    this.state = "offline"; // a better mode that answers later starts nothing
    this.retries.cancel();
    this.realtime.stop();
  }
}

function offered(sources: Sources): DeliveryMode[] {
  return (["realtime", "low", "plain"] as const).filter((mode) => sources[mode]);
}

async function hasPlaylist(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(STALLED_MS); // a network that needs longer is too slow for a better mode
  const answer = await fetch(url, { cache: "no-store", redirect: "error", signal }).catch(() => null);
  return Boolean(answer?.ok);
}
