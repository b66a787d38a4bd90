// Keeps a <live-video> at the live edge, or where its viewer wants it, and brings it back whenever it can be.

import { Hls } from "hls-video-element";
import { Delivery, LOW, PLAIN } from "./delivery.ts";
import { LiveDistance } from "./live_distance.js";
import { LivePlace } from "./live_place.js";
import { LiveStats } from "./live_stats.js";
import { CONFIGS, ahead } from "./live_video.js";

const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = { [LOW]: 1000, [PLAIN]: 8000 };
const HARD_AFTER = 4;
const WATCH_MS = 500;
const STALLED_MS = 900;
const STUCK_MS = 4000;
const SILENT_MS = 11000; // longer than the packager keeps a request waiting
const NOT_FOUND = 404;
const ENOUGH_SECONDS = 1.5;
const DRY_SECONDS = 0.25;

/**
 * Phases, told to `onPhase`: idle (nothing to play), loading, playing, stalled (until the publisher is back), empty (the
 * stream is live, but there is no picture of it to begin with), trouble.
 */
export class LivePlayback {
  constructor(video, onPhase, onStill) {
    this.video = video;
    this.onPhase = onPhase;
    this.onStill = onStill;
    this.state = ""; // unknown
    this.phase = "idle";
    this.sources = { [LOW]: "", [PLAIN]: "" };
    this.delivery = new Delivery();
    this.place = new LivePlace(video);
    this.stats = new LiveStats(video, this.delivery);
    this.distance = new LiveDistance(video, this.place, this.delivery);
    this.failures = 0;
    this.hasPlayed = false; // anything of this stream
    this.isEmpty = false; // the server answers, but has nothing of this stream yet
    this.moved = { at: 0, time: -1 };
    this.isHeld = false; // by the viewer, from "pause" to "play": nothing may happen to their place in between
    video.addEventListener("hlsready", () => this.listen(video.api));
    video.addEventListener("timeupdate", () => this.onProgress());
    video.addEventListener("playing", () => this.onProgress());
    video.addEventListener("waiting", () => this.onWaiting());
    video.addEventListener("seeking", () => this.onSeeking());
    video.addEventListener("pause", () => (this.isHeld = this.state !== "offline" && !video.ended));
    video.addEventListener("play", () => this.onPlay());
    video.addEventListener("error", () => !video.api && this.onNativeError());
    this.watchdog = setInterval(() => this.watch(), WATCH_MS);
  }

  /** hls.js, once it plays; the browser plays by itself without. */
  get api() {
    return this.video.api;
  }

  listen(hls) {
    const { Events } = Hls;
    hls.on(Events.ERROR, (_, error) => this.onError(error));
    hls.on(Events.LEVEL_LOADED, (_, { details }) => this.onAnswer(details));
    hls.on(Events.LEVEL_UPDATED, (_, { details }) => this.onPlaylist(details));
    hls.on(Events.BUFFER_APPENDED, (_, { type }) => this.onAppended(type));
    this.stats.listen(hls);
  }

  /** The sources (low latency may be empty) and what the site says of the stream: live, reconnecting or offline. */
  update(src, lowLatency, state) {
    const was = this.state;
    this.state = state;
    this.sources = { [LOW]: lowLatency, [PLAIN]: src };
    const isOtherOffer = this.delivery.offer(Boolean(lowLatency));
    if (state === "live" && (was !== "live" || this.phase === "idle")) this.recover(was);
    else if (state === "live" && isOtherOffer) this.start();
    if (state === "offline" && was !== "offline") this.stop();
    if (state !== "live") this.cancelRetry();
  }

  recover(was) {
    const { mode } = this.delivery;
    this.failures = 0;
    this.hasPlayed = this.isEmpty = false;
    this.moved.at = Date.now();
    this.distance.interrupted();
    this.delivery.begin({ isNew: was !== "" });
    // After a short absence the same playlist goes on; what is loaded keeps playing into it.
    const goesOn = was === "reconnecting" && (this.phase === "playing" || this.phase === "stalled");
    if (goesOn && mode === this.delivery.mode) this.api?.startLoad();
    else this.start();
  }

  start() {
    this.cancelRetry();
    this.onStill(this.video);
    this.say(this.failures >= HARD_AFTER && !this.isHeld ? this.trouble : "loading");
    this.moved = { at: Date.now(), time: -1 };
    this.distance.restart();
    this.place.atLive = true;
    this.lastNumber = null;
    this.starvedIn = null; // with which stretch the video ran dry, until it is known why
    const { video } = this;
    const src = this.sources[this.delivery.mode];
    video.config = CONFIGS[this.delivery.mode];
    if (video.src !== src) {
      video.src = src;
    } else if (video.api) {
      video.api.loadSource(src);
      video.api.startLoad();
    } else {
      video.load();
    }
  }

  /** Ends playback at once, whatever is loaded still: the stream is over. */
  stop() {
    this.cancelRetry();
    this.isHeld = false;
    this.api?.stopLoad();
    this.video.pause();
    this.say("idle");
  }

  onAnswer(details) {
    if (!details.live && this.state === "live") {
      this.onOldPlaylist();
    } else if (this.delivery.mode === LOW) {
      this.delivery.answered(performance.now());
      this.failures = 0;
    }
  }

  /** Of the stream before, which is kept for a while: hls.js would play its end, and never look for the one that is live. */
  onOldPlaylist() {
    this.video.src = ""; // stopLoad would let what is on its way be shown
    if (this.delivery.mode === LOW && this.delivery.failed(performance.now(), NOT_FOUND)) this.start();
    else this.retry({ anew: true });
  }

  onPlaylist(details) {
    // Numbers that leap belong to a packager that was started anew: nothing of what is loaded is continued by them.
    const { lastNumber } = this;
    this.lastNumber = details.endSN;
    if (lastNumber !== null && details.startSN > lastNumber + 1) {
      this.delivery.begin();
      this.start();
    } else {
      this.judge(details);
      this.keepDistance();
    }
  }

  onProgress() {
    const time = this.video.currentTime;
    this.place.tell();
    if (this.video.paused || this.video.seeking || time === this.moved.time) return;
    this.moved = { at: Date.now(), time };
    this.hasPlayed = true;
    this.failures = 0;
    if (!this.api) this.delivery.answered(performance.now());
    if (this.state !== "offline") this.say("playing");
    this.keepDistance();
  }

  onAppended(type) {
    this.distance.appended(type);
    this.keepDistance();
  }

  onSeeking() {
    this.distance.interrupted();
    this.place.onSeeking(this.moved.time);
    this.moved.at = Date.now();
  }

  onWaiting() {
    const { video } = this;
    if (video.seeking || video.paused || this.moved.time < 0) return;
    if (ahead(video) > DRY_SECONDS) return; // the machine is busy: no other way of fetching would help
    this.distance.starve();
    if (this.state !== "live") return;
    this.stats.stalls += 1;
    if (this.delivery.mode === LOW && this.api?.latestLevelDetails) this.starvedIn = newestIn(this.api.latestLevelDetails);
    else this.blame();
  }

  /** The next playlist tells whose doing it was: video of another publisher was not there to be fetched any sooner. */
  judge(details) {
    if (this.starvedIn === null || !details.advanced) return;
    const isOtherPublisher = newestIn(details) !== this.starvedIn;
    this.starvedIn = null;
    if (!isOtherPublisher) this.blame();
  }

  /** Holds a stall against the way in which the stream is fetched. */
  blame() {
    if (this.delivery.stalled(performance.now())) this.start();
  }

  onPlay() {
    this.isHeld = false;
    this.place.onPlay();
  }

  onError(error) {
    if (!error.fatal || this.state !== "live") return;
    if (error.type !== Hls.ErrorTypes.MEDIA_ERROR && this.canWait()) {
      this.retry();
    } else if (error.type === Hls.ErrorTypes.MEDIA_ERROR) {
      if (this.delivery.broke(performance.now())) this.start();
      else if (this.delivery.errors.length > 1) this.retry({ anew: true });
      else this.api.recoverMediaError();
    } else if (this.delivery.mode === LOW && isRefusal(error)) {
      this.onRefusal();
    } else if (this.delivery.mode === LOW && this.delivery.failed(performance.now(), error.response?.code ?? 0)) {
      this.start();
    } else {
      this.isEmpty = isRefusal(error) && !this.hasPlayed;
      this.retry();
    }
  }

  /** There is no low latency: plain HLS is played if there is any. In the first moments of a stream there is neither. */
  async onRefusal() {
    const answer = await fetch(this.sources[PLAIN], { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (this.state !== "live" || this.delivery.mode !== LOW) return;
    this.isEmpty = answer?.status === NOT_FOUND && !this.hasPlayed;
    if (answer?.ok && this.delivery.refused(performance.now())) this.start();
    else this.retry();
  }

  /** Nobody misses anything yet: paused, or far enough behind live. Falling back would lose the viewer's place. */
  canWait() {
    return this.isHeld || ahead(this.video) > ENOUGH_SECONDS;
  }

  onNativeError() {
    if (this.delivery.mode === LOW && this.delivery.failed(performance.now(), 0)) this.start();
    else this.retry();
  }

  /** Playback that stands still while the stream is live and nobody paused it is started anew. */
  watch() {
    const still = Date.now() - this.moved.at;
    this.place.tell();
    if (this.state !== "live") {
      if (this.phase === "playing" && still > STALLED_MS) this.say("stalled");
    } else if (this.isHeld || (this.video.paused && this.phase === "playing")) {
      this.moved.at = Date.now();
    } else if (!this.timer && this.phase !== "idle" && still > (this.isSilent() ? SILENT_MS : STUCK_MS)) {
      this.retry({ anew: true });
    } else if (this.phase === "playing" && this.place.atLive && this.delivery.mayReturn(performance.now())) {
      this.tryLowLatency();
    }
  }

  get trouble() {
    return this.isEmpty ? "empty" : "trouble";
  }

  /** Whether there is nothing to play because nothing new is there, not because it does not get here. */
  isSilent() {
    const { api, video } = this;
    return Boolean(api?.latestLevelDetails) && ahead(video) < 0.5 && api.latestLevelDetails.age * 1000 > STALLED_MS;
  }

  async tryLowLatency() {
    this.delivery.stayAway(performance.now());
    const answer = await fetch(this.sources[LOW], { cache: "no-store" }).catch(() => null);
    if (!answer?.ok || this.state !== "live" || this.delivery.mode === LOW || !this.place.atLive) return;
    this.delivery.comeBack();
    this.start();
  }

  /** Asks again, a little later; `anew` gives up what is loaded too. */
  retry({ anew = false } = {}) {
    if (this.timer || this.state !== "live") return;
    const longest = Math.min(LAST_RETRY_MS[this.delivery.mode], FIRST_RETRY_MS * 2 ** this.failures++);
    const isStill = !this.isHeld && Date.now() - this.moved.at > STALLED_MS;
    if (this.failures >= HARD_AFTER && isStill) this.say(this.trouble);
    this.timer = setTimeout(() => this.resume(anew), longest * (0.75 + Math.random() / 4));
  }

  resume(anew) {
    this.timer = 0;
    const { api } = this;
    if (!anew && api?.latestLevelDetails) api.startLoad();
    else this.start();
  }

  cancelRetry() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  keepDistance() {
    const { api, video } = this;
    if (!api?.latestLevelDetails?.live || this.moved.time < 0 || video.paused || this.isHeld || video.seeking) return;
    this.distance.keep(this.state === "live");
  }

  say(phase) {
    if (phase === this.phase) return;
    this.phase = phase;
    this.place.hasStream = phase !== "idle";
    this.onPhase(phase);
  }

  destroy() {
    clearInterval(this.watchdog);
    this.cancelRetry();
    this.place.listeners.clear();
    this.onPhase = () => {};
    this.onStill = () => {};
    this.video.src = "";
  }
}

/** Whether the server answers, but has nothing to play. */
function isRefusal({ details, response }) {
  return details === Hls.ErrorDetails.MANIFEST_LOAD_ERROR && response?.code === NOT_FOUND;
}

/** The number of the newest stretch in a playlist: each publisher begins another. */
function newestIn({ fragmentHint, fragments }) {
  return (fragmentHint ?? fragments.at(-1))?.cc;
}
