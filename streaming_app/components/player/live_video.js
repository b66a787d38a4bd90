// A <live-video> element: hls-video-element that lets its owner hear hls.js before its first error,
// and a LivePlayback that keeps it at the live edge, or where its viewer wants it, and brings it back whenever it can be.

import { Hls, HlsVideoElement } from "hls-video-element";
import { Delivery, LOW, PLAIN, Pace, ServerClock, isBehindOnPurpose } from "./delivery.js";

// LivePlayback retries, and knows when to ask elsewhere: hls.js would keep on asking a server that is gone.
const once = (maxTimeToFirstByteMs) => ({
  default: { maxTimeToFirstByteMs, maxLoadTimeMs: 20000, timeoutRetry: null, errorRetry: null },
});
const BOTH = {
  // Pace catches up and Delivery widens the distance after stalls, and both let go again.
  maxLiveSyncPlaybackRate: 1,
  liveSyncOnStallIncrease: 0,
  maxBufferLength: 20,
  backBufferLength: 30,
  capLevelToPlayerSize: true,
  // With several renditions hls.js would first load, and throw away, a piece of the smallest to measure the network.
  testBandwidth: false,
  abrEwmaDefaultEstimate: 3e6,
  startFragPrefetch: true,
  manifestLoadPolicy: once(8000),
};
const PLAIN_SEGMENTS_BEHIND = 2.5; // as measured in a browser: plays without a stall
const CONFIGS = {
  // Not to be given: liveSyncDurationCount. It would replace the distance that the playlist asks for, PART-HOLD-BACK.
  [LOW]: { ...BOTH, lowLatencyMode: true, playlistLoadPolicy: once(3000) },
  [PLAIN]: { ...BOTH, lowLatencyMode: false, liveSyncDurationCount: PLAIN_SEGMENTS_BEHIND },
};
const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = { [LOW]: 1000, [PLAIN]: 8000 };
const HARD_AFTER = 4;
const WATCH_MS = 500;
const STALLED_MS = 900;
const STUCK_MS = 4000;
const SILENT_MS = 11000; // longer than the packager keeps a request waiting
const DRAIN_MS = 4000;
const NOT_FOUND = 404;
const WINDOW_EDGE_SECONDS = 3; // not offered: what is oldest leaves the window while it is being fetched
const NATIVE_LIVE_SECONDS = 5;
const BACK_SECONDS = 0.5;
const ENOUGH_SECONDS = 1.5;
const DRY_SECONDS = 0.25;
const HOLE_SECONDS = 0.02;
const HOLE_MAX_SECONDS = 2;
const PLAIN_NAME = /\/(\d{13})\.ts(?:\?|$)/; // nginx-rtmp names a fragment by the Unix time at which it began

export class LiveVideoElement extends HlsVideoElement {
  async load() {
    await super.load();
    if (this.api) this.dispatchEvent(new Event("hlsready"));
  }

  /** Tells media-chrome that one can seek in this live stream: "play" does not leap to the edge then. */
  get targetLiveWindow() {
    return Infinity;
  }
}
if (!customElements.get("live-video")) customElements.define("live-video", LiveVideoElement);

/** Phases, told to `onPhase`: idle (nothing to play), loading, playing, stalled (until the publisher is back), trouble. */
export class LivePlayback {
  constructor(video, onPhase, onStill) {
    this.video = video;
    this.onPhase = onPhase;
    this.onStill = onStill;
    this.state = "offline";
    this.phase = "idle";
    this.sources = { [LOW]: "", [PLAIN]: "" };
    this.delivery = new Delivery();
    this.pace = new Pace();
    this.serverClock = new ServerClock();
    this.failures = 0;
    this.stalls = 0;
    this.moved = { at: 0, time: -1 };
    this.isHeld = false; // by the viewer, who pressed pause
    this.atLive = true;
    this.listeners = new Set();
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
    hls.on(Events.BUFFER_APPENDED, () => this.keepPace());
    hls.on(Events.FRAG_CHANGED, (_, { frag }) => (this.fragment = frag));
    hls.on(Events.FRAG_LOADED, (_, { part, networkDetails }) => part && this.compareClocks(part.stats.loading, networkDetails));
  }

  /** The sources (low latency may be empty) and what the site says of the stream: live, reconnecting or offline. */
  update(src, lowLatency, state) {
    const was = this.state;
    this.state = state;
    this.sources = { [LOW]: lowLatency, [PLAIN]: src };
    clearTimeout(this.draining);
    const isOtherOffer = this.delivery.offer(Boolean(lowLatency));
    if (state === "live" && (was !== "live" || this.phase === "idle")) this.recover(was);
    else if (state === "live" && isOtherOffer) this.start();
    if (state === "offline" && was !== "offline") this.draining = setTimeout(() => this.stop(), DRAIN_MS);
    if (state !== "live") this.cancelRetry();
  }

  recover(was) {
    const { mode } = this.delivery;
    this.failures = 0;
    this.moved.at = Date.now();
    this.delivery.begin();
    // After a short absence the same playlist goes on; what is loaded keeps playing into it.
    const goesOn = was === "reconnecting" && (this.phase === "playing" || this.phase === "stalled");
    if (goesOn && mode === this.delivery.mode) this.api?.startLoad();
    else this.start();
  }

  start() {
    this.cancelRetry();
    this.onStill(this.video);
    this.say(this.failures >= HARD_AFTER && !this.isHeld ? "trouble" : "loading");
    this.moved = { at: Date.now(), time: -1 };
    this.pace = new Pace();
    this.atLive = true;
    this.lastNumber = null;
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

  stop() {
    this.cancelRetry();
    this.isHeld = false;
    this.api?.stopLoad();
    this.say("idle");
  }

  onAnswer(details) {
    if (!details.live && this.state === "live") {
      this.onOldPlaylist();
    } else if (this.delivery.mode === LOW) {
      this.delivery.answered();
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
      this.keepPace();
    }
  }

  onProgress() {
    const time = this.video.currentTime;
    this.tell();
    if (this.video.paused || time === this.moved.time) return;
    this.moved = { at: Date.now(), time };
    this.failures = 0;
    if (!this.api) this.delivery.answered();
    if (this.state !== "offline") this.say("playing");
    this.keepPace();
  }

  onWaiting() {
    const { video } = this;
    if (video.seeking || video.paused || this.moved.time < 0) return;
    if (ahead(video) > DRY_SECONDS) return; // the machine is busy: no other way of fetching would help
    if (this.atLive) this.pace.starve();
    if (this.state !== "live") return;
    this.stalls += 1;
    if (this.delivery.stalled(performance.now())) this.start();
  }

  onPlay() {
    this.isHeld = false;
    const position = this.position();
    if (!position) return;
    if (position.behind > position.window + WINDOW_EDGE_SECONDS) this.toLive();
    else this.atLive = !isBehindOnPurpose(position.behind);
    this.tell();
  }

  /** Only viewers go back. Forward also go hls.js and this, over holes: being late after a stall is nobody's purpose. */
  onSeeking() {
    const isBehind = isBehindOnPurpose(this.late() ?? 0);
    if (!isBehind) this.atLive = true;
    else if (this.video.currentTime < this.moved.time - BACK_SECONDS) this.atLive = false;
    this.tell();
  }

  onError(error) {
    if (!error.fatal || this.state !== "live") return;
    if (error.type !== Hls.ErrorTypes.MEDIA_ERROR && this.canWait()) {
      this.retry();
    } else if (error.type === Hls.ErrorTypes.MEDIA_ERROR) {
      if (this.delivery.broke(performance.now())) this.start();
      else if (this.delivery.errors.length > 1) this.retry({ anew: true });
      else this.api.recoverMediaError();
    } else if (this.delivery.mode === LOW && this.delivery.failed(performance.now(), error.response?.code ?? 0)) {
      this.start();
    } else {
      this.retry();
    }
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
    this.tell();
    if (this.state !== "live") {
      if (this.phase === "playing" && still > STALLED_MS) this.say("stalled");
    } else if (this.isHeld || (this.video.paused && this.phase === "playing")) {
      this.moved.at = Date.now();
    } else if (!this.timer && this.phase !== "idle" && still > (this.isSilent() ? SILENT_MS : STUCK_MS)) {
      this.retry({ anew: true });
    } else if (this.phase === "playing" && this.atLive && this.delivery.mayReturn(performance.now())) {
      this.tryLowLatency();
    }
  }

  /** Whether there is nothing to play because nothing new is there, not because it does not get here. */
  isSilent() {
    const { api, video } = this;
    return Boolean(api?.latestLevelDetails) && ahead(video) < 0.5 && api.latestLevelDetails.age * 1000 > STALLED_MS;
  }

  async tryLowLatency() {
    this.delivery.stayAway(performance.now());
    const answer = await fetch(this.sources[LOW], { cache: "no-store" }).catch(() => null);
    if (!answer?.ok || this.state !== "live" || this.delivery.mode === LOW || !this.atLive) return;
    this.delivery.comeBack();
    this.start();
  }

  /** Asks again, a little later; `anew` gives up what is loaded too. */
  retry({ anew = false } = {}) {
    if (this.timer || this.state !== "live") return;
    const longest = Math.min(LAST_RETRY_MS[this.delivery.mode], FIRST_RETRY_MS * 2 ** this.failures++);
    const isStill = !this.isHeld && Date.now() - this.moved.at > STALLED_MS;
    if (this.failures >= HARD_AFTER && isStill) this.say("trouble");
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

  // --- Where in the stream -------------------------------------------------------------------------------------------

  /** Seconds after where the picture would be if it were as live as it can be; `null` while that is unknown. */
  late() {
    const live = this.livePosition();
    return live === null ? null : live - this.video.currentTime;
  }

  livePosition() {
    const { api, video } = this;
    if (api) return api.latestLevelDetails ? api.liveSyncPosition : null;
    return video.seekable?.length ? video.seekable.end(video.seekable.length - 1) - NATIVE_LIVE_SECONDS : null;
  }

  /** The window that can be seeked in and how far behind live the picture is, in seconds; `null` while there is none. */
  position() {
    const { api, video } = this;
    const live = this.livePosition();
    const start = api ? api.latestLevelDetails?.fragmentStart : video.seekable?.length ? video.seekable.start(0) : null;
    if (live === null || start == null || this.phase === "idle") return null;
    const behind = Math.max(0, live - video.currentTime);
    return { window: Math.max(0, live - start - WINDOW_EDGE_SECONDS), behind, atLive: this.atLive && !video.paused };
  }

  /** Go to so many seconds behind live. */
  seekTo(behind) {
    const position = this.position();
    if (!position) return;
    this.video.currentTime = this.livePosition() - Math.min(Math.max(0, behind), position.window);
  }

  seekBy(seconds) {
    const position = this.position();
    if (position) this.seekTo(position.behind - seconds);
  }

  toLive() {
    const live = this.livePosition();
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

  keepPace() {
    const { api, video } = this;
    const details = api?.latestLevelDetails;
    if (!details?.live || this.moved.time < 0 || video.paused || video.seeking) return;
    const now = performance.now();
    const target = this.target(details) + this.delivery.margin(now);
    if (Math.abs(api.targetLatency - target) > 0.01) api.targetLatency = target;
    const late = this.late();
    this.skipHole();
    if (!this.atLive || this.state !== "live") this.setRate(1);
    else if (this.pace.shouldJump(late, ahead(video), target)) video.currentTime = this.livePosition();
    else this.setRate(this.pace.rate(now, late, ahead(video), target));
  }

  /** Into what follows a gap, such as the one between two publishers: hls.js waits there, and not at all at rate 0. */
  skipHole() {
    const { buffered, currentTime, readyState } = this.video;
    if (readyState >= HTMLMediaElement.HAVE_FUTURE_DATA || ahead(this.video) > HOLE_SECONDS) return;
    for (let i = 0; i < buffered.length; i++) {
      const gap = buffered.start(i) - currentTime;
      if (gap > 0 && gap < HOLE_MAX_SECONDS) {
        this.video.currentTime = buffered.start(i) + HOLE_SECONDS;
        return;
      }
    }
  }

  target(details) {
    return this.delivery.mode === LOW && details.partHoldBack
      ? details.partHoldBack
      : PLAIN_SEGMENTS_BEHIND * details.targetduration;
  }

  setRate(rate) {
    if (this.video.playbackRate !== rate) this.video.playbackRate = rate;
  }

  // --- What the stats show -------------------------------------------------------------------------------------------

  compareClocks(loading, answer) {
    const date = Date.parse(answer?.getResponseHeader?.("Date"));
    this.serverClock.heard(date, performance.timeOrigin + loading.start, performance.timeOrigin + loading.first);
  }

  stats() {
    const { api, video, delivery } = this;
    const level = api?.levels?.[api.currentLevel];
    const quality = video.nativeEl.getVideoPlaybackQuality?.();
    const capturedAt = this.capturedAt();
    return {
      mode: api ? delivery.mode : "native",
      why: delivery.why,
      delay: capturedAt && (Date.now() + this.serverClock.aheadMs - capturedAt) / 1000,
      target: api?.targetLatency ?? null,
      ahead: ahead(video),
      width: video.videoWidth,
      height: video.videoHeight,
      level: level && api.levels.length > 1 ? level.name || `${level.height}p` : "",
      bitrate: level?.bitrate || null,
      frames: quality?.totalVideoFrames ?? null,
      dropped: quality?.droppedVideoFrames ?? null,
      bandwidth: api?.bandwidthEstimate ?? null,
      stalls: this.stalls,
      rate: video.playbackRate,
    };
  }

  /** Unix time in ms at which the server got what is shown now, by its own clock; `null` where nothing tells. */
  capturedAt() {
    const { api, video, fragment } = this;
    if (!api) return Number(video.nativeEl.getStartDate?.()) + video.currentTime * 1000 || null;
    if (api.playingDate) return api.playingDate.getTime();
    const name = fragment && PLAIN_NAME.exec(fragment.url);
    return name ? Number(name[1]) + (video.currentTime - fragment.start) * 1000 : null;
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
    this.listeners.clear();
    this.onPhase = () => {};
    this.onStill = () => {};
    this.video.src = "";
  }
}

/** Seconds that could be played if nothing more came. */
function ahead({ buffered, currentTime }) {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) - 0.1 <= currentTime && currentTime <= buffered.end(i)) return buffered.end(i) - currentTime;
  }
  return 0;
}
