// A <live-video> element: hls-video-element that lets its owner hear hls.js before its first error,
// and a LivePlayback that keeps it at the live edge and brings it back whenever it can be.

import { Hls, HlsVideoElement } from "hls-video-element";

// Delay and catch-up as measured in a browser: 2.5 segments behind the edge plays without a stall.
const HLS_CONFIG = {
  liveSyncDurationCount: 2.5,
  liveSyncOnStallIncrease: 0.3,
  maxLiveSyncPlaybackRate: 1.1,
  maxBufferLength: 20,
  backBufferLength: 30,
  capLevelToPlayerSize: true,
  // LivePlayback retries: a playlist that is not there yet is normal when a stream begins.
  manifestLoadPolicy: { default: { maxTimeToFirstByteMs: 8000, maxLoadTimeMs: 10000, timeoutRetry: null, errorRetry: null } },
};
const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 8000;
const HARD_AFTER = 3;
const WATCH_MS = 500;
const STALLED_MS = 900;
const STUCK_MS = 7000;
const DRAIN_MS = 4000;

export class LiveVideoElement extends HlsVideoElement {
  async load() {
    await super.load();
    if (this.api) this.dispatchEvent(new Event("hlsready"));
  }
}
if (!customElements.get("live-video")) customElements.define("live-video", LiveVideoElement);

/** Phases, told to `onPhase`: idle (nothing to play), loading, playing, stalled (until the publisher is back), trouble. */
export class LivePlayback {
  constructor(video, onPhase) {
    this.video = video;
    this.onPhase = onPhase;
    this.state = "offline";
    this.phase = "idle";
    this.failures = 0;
    this.moved = { at: 0, time: -1 };
    video.config = HLS_CONFIG;
    video.addEventListener("hlsready", () => video.api.on(Hls.Events.ERROR, (_, error) => this.onError(error)));
    video.addEventListener("timeupdate", () => this.onProgress());
    video.addEventListener("playing", () => this.onProgress());
    video.addEventListener("error", () => !video.api && this.retry());
    this.watchdog = setInterval(() => this.watch(), WATCH_MS);
  }

  /** The source and what the site says of the stream: live, reconnecting or offline. */
  update(src, state) {
    const was = this.state;
    this.state = state;
    this.src = src;
    clearTimeout(this.draining);
    if (state === "live" && (was !== "live" || this.phase === "idle")) this.recover(was);
    if (state === "offline" && was !== "offline") this.draining = setTimeout(() => this.stop(), DRAIN_MS);
    if (state !== "live") this.cancelRetry();
  }

  recover(was) {
    this.failures = 0;
    this.moved.at = Date.now();
    // After a short absence the same playlist goes on; what is loaded keeps playing into it.
    if (was === "reconnecting" && (this.phase === "playing" || this.phase === "stalled")) this.video.api?.startLoad();
    else this.start();
  }

  start() {
    this.cancelRetry();
    this.say(this.failures >= HARD_AFTER ? "trouble" : "loading");
    this.moved = { at: Date.now(), time: -1 };
    const { video } = this;
    if (video.src !== this.src) {
      video.src = this.src;
    } else if (video.api) {
      video.api.loadSource(this.src);
      video.api.startLoad();
    } else {
      video.load();
    }
  }

  stop() {
    this.cancelRetry();
    this.video.api?.stopLoad();
    this.say("idle");
  }

  onProgress() {
    const time = this.video.currentTime;
    if (this.video.paused || time === this.moved.time) return;
    this.moved = { at: Date.now(), time };
    this.failures = 0;
    if (this.state !== "offline") this.say("playing");
  }

  onError(error) {
    if (!error.fatal || this.state !== "live") return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && this.failures === 0) {
      this.failures = 1;
      this.video.api.recoverMediaError();
    } else {
      this.retry();
    }
  }

  /** Playback that stands still while the stream is live and nobody paused it is started anew. */
  watch() {
    const still = Date.now() - this.moved.at;
    if (this.state !== "live") {
      if (this.phase === "playing" && still > STALLED_MS) this.say("stalled");
    } else if (this.video.paused && this.phase === "playing") {
      this.moved.at = Date.now();
    } else if (!this.timer && this.phase !== "idle" && still > STUCK_MS) {
      this.retry();
    }
  }

  retry() {
    if (this.timer || this.state !== "live") return;
    const longest = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures++);
    this.say(this.failures >= HARD_AFTER ? "trouble" : "loading");
    this.timer = setTimeout(() => this.start(), longest * (0.75 + Math.random() / 4));
  }

  cancelRetry() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  say(phase) {
    if (phase === this.phase) return;
    this.phase = phase;
    this.onPhase(phase);
  }

  destroy() {
    clearInterval(this.watchdog);
    clearTimeout(this.draining);
    this.cancelRetry();
    this.onPhase = () => {};
    this.video.src = "";
  }
}
