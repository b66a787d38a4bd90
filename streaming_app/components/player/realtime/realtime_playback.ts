// Plays a stream in real time: the video, and sound that WebCodecs cannot decode, by Media Source Extensions.

import type { ModeSelector } from "../delivery_mode.ts";
import type { Edge } from "../dvr_position.ts";
import type { HlsVideo } from "../hls_video.ts";
import type { LivePlayback } from "../live_playback.ts";
import { isBehindOnPurpose } from "../playback_rate.ts";
import { type AudioConfig, AudioOutput, type Clock, soundConfig } from "./audio_output.ts";
import { MediaBuffers } from "./media_buffers.ts";
import { Pacer } from "./pacer.ts";
import { Quality } from "./quality.ts";
import {
  type Choices,
  connect,
  type Frame,
  OVER,
  type Period,
  type Receiver,
  TOO_SLOW,
  type Track,
} from "./realtime_socket.ts";
import { SleepDetector } from "./sleep_detector.ts";

// With less, Chromium stalls when it plays sound from a source buffer.
const SOUND_IN_SOURCE_SECONDS = 0.1;
const BITRATE_MS = 2_000;
const NO_FRAME_MS = 1_200;
const SILENT_MS = 4_000;
const STUCK_MS = 4_000;

const NO_CHOICES: Choices = { renditions: [], window: 0, window_max: 0 };

export class RealtimePlayback {
  pacer = new Pacer(0);
  private isConnected = false;
  private choices = NO_CHOICES; // the last ones of this stream: one can seek while playback is paused
  private choicesAt = 0;
  private heardAt = 0; // when the last frame arrived, or the connection was opened
  private sleep = new SleepDetector(performance.now());
  readonly receiver: Receiver;
  private isStarved = false; // whether a stall has no known reason yet
  private media: MediaBuffers | null = null;
  private period: Period | null = null;
  private inSource: readonly Track[] = [];
  private sound: AudioOutput | null = null;
  private decodesSound = "AudioDecoder" in window && window.isSecureContext;
  private isWaiting = true; // for media
  private underrunsBefore = 0;
  private quality: Quality;
  private disconnect = () => {};
  private received: { at: number; bytes: number }[] = [];

  constructor(
    private video: HlsVideo,
    private selector: ModeSelector,
    private owner: LivePlayback,
  ) {
    this.receiver = {
      onPeriod: (period) => this.begin(period),
      onChoices: (choices) => {
        this.choices = choices;
        this.choicesAt = performance.now();
        this.quality.show(choices.renditions);
      },
      onInit: (track, segment) => this.inSource.includes(track) && this.media?.append(track, segment),
      onFrame: (frame) => this.receive(frame),
      onClose: (code) => {
        this.isConnected = false;
        if (this.owner.isLive && !this.owner.isHeld) this.onClose(code);
      },
    };
    this.quality = new Quality(video, this);
    video.addEventListener("waiting", () => (this.isWaiting = true));
    video.addEventListener("playing", () => (this.isWaiting = false));
    video.addEventListener("volumechange", () => this.followVolume());
  }

  /** Connects to the source at `url`, or to the chosen rendition, and plays from the newest keyframe. */
  start(url: string) {
    this.stop();
    this.heardAt = performance.now();
    this.sleep = new SleepDetector(this.heardAt);
    this.isConnected = true;
    this.disconnect = connect(this.quality.begin(url), this.receiver);
  }

  stop() {
    this.quality.stop();
    this.disconnect();
    this.disconnect = () => {};
    this.isConnected = false;
    if (!this.owner.isLive) this.choices = NO_CHOICES;
    this.closeMedia();
    this.period = null;
    this.received = [];
  }

  /** Continues after a short disconnection of the publisher. */
  continue() {
    if (!this.isConnected && !this.owner.isHeld) this.owner.start();
  }

  /** Seeks to `behind` seconds before live. Real time has only the present: low latency plays what is before it. */
  seek(_live: number, behind: number) {
    const goesBack = isBehindOnPurpose(behind) && this.selector.fallBack(performance.now(), "playback is behind live");
    this.owner.start(goesBack ? behind : 0);
  }

  /** Plays the current rendition from its newest keyframe. */
  restart() {
    this.owner.start();
  }

  /** Continues with another rendition, whose connection ends with `disconnect`. */
  adopt(disconnect: () => void) {
    this.disconnect();
    this.disconnect = disconnect;
  }

  /** Starts the sound if it waits for a gesture of the viewer. Returns whether there is sound, or nothing to start. */
  async resumeSound(): Promise<boolean> {
    return this.sound && !this.video.muted ? this.sound.resume() : true;
  }

  /** How often sound was missing. */
  get underruns(): number {
    return this.underrunsBefore + (this.sound?.underruns ?? 0);
  }

  /** Sets the rate, or seeks, so that playback stays at the pacer's distance from the arriving frames. */
  keep() {
    const { video } = this;
    const { buffered, currentTime } = video;
    if (!buffered.length || video.seeking || video.paused) return;
    const { rate, seek } = this.pacer.next(performance.now(), currentTime);
    if (video.playbackRate !== rate) video.playbackRate = rate;
    const [start, end] = [buffered.start(buffered.length - 1), buffered.end(buffered.length - 1)];
    const target = Math.min(Math.max(seek ?? currentTime, start), end - 0.01);
    // Between two publishers, the position may be before the only media, or after it.
    if (Math.abs(target - currentTime) > 0.1) video.currentTime = target;
  }

  /** Returns the position of live playback, and of the oldest media of low latency; null before the first frame. */
  edge(): Edge | null {
    const now = performance.now();
    const position = this.pacer.position(now);
    if (position === null) return null;
    // Until something is loaded, the video's time says nothing: it was going to be played from the live edge.
    const live = this.video.readyState ? position : this.video.currentTime + (now - this.heardAt) / 1000;
    const { window, window_max } = this.choices;
    const elapsed = (now - this.choicesAt) / 1000;
    return { live, start: live - Math.min(window_max, window + elapsed) };
  }

  /** Records that playback waits for frames. */
  stalled() {
    const now = performance.now();
    this.pacer.stalled(now);
    this.isStarved = !this.pacer.isSettling(now);
  }

  /** Records that the page runs. */
  runs(now: number) {
    this.sleep.runs(now);
  }

  /**
   * Returns whether a position that has not changed for `stillMs` needs another start, as after the device slept.
   * Each `attempt`, from 1, may take longer.
   */
  isStuck(stillMs: number, attempt: number): boolean {
    const now = performance.now();
    const silentMs = now - this.heardAt;
    if (this.sleep.runs(now) && silentMs > NO_FRAME_MS) return true;
    if (silentMs < NO_FRAME_MS) return stillMs > STUCK_MS * attempt;
    // Another mode has to take over if nothing arrives at the beginning, or for long.
    if (this.selector.failed(this.heardAt) || this.selector.failed(now)) this.owner.start();
    return this.period !== null && silentMs > SILENT_MS;
  }

  /** Seconds between the arrival of a usual frame and its display; null before the first one. */
  get delay(): number | null {
    const position = this.pacer.position(performance.now());
    return position === null ? null : position + this.pacer.distance - this.video.currentTime;
  }

  /** Bits per second that arrived lately. */
  get bitrate(): number {
    const seconds = (performance.now() - (this.received[0]?.at ?? 0)) / 1000;
    return (8 * this.received.reduce((sum, { bytes }) => sum + bytes, 0)) / seconds;
  }

  private onClose(code: number) {
    const { owner, selector } = this;
    const now = performance.now();
    // A page that was asleep has received nothing, even if its network is fast.
    const why = code === TOO_SLOW && this.sleep.runs(now) ? undefined : OVER[code];
    if (this.quality.isLost(code, this.received.length > 0) || (why && this.quality.lower(now))) return owner.start();
    if (why ? selector.fallBack(now, why) : selector.failed(now, { isClosed: true })) owner.start();
    else owner.retry({ anew: true });
  }

  private begin(period: Period) {
    const before = this.period;
    this.period = period;
    this.isStarved = false; // the video of another publisher did not exist any sooner
    if (before && !before.video === !period.video && !before.audio === !period.audio) {
      // The same source buffers and the same decoder continue.
      for (const track of this.inSource) {
        if (before[track] !== period[track]) this.media?.changeCodec(track, period[track]);
      }
      if (before.config !== period.config) this.sound?.configure(soundConfig(period));
      return;
    }
    const tracks = (["video", "audio"] as const).filter((track) => period[track]);
    // Without a picture, the sound itself is the clock.
    const decodesSound = this.decodesSound && tracks.length === 2;
    this.inSource = decodesSound ? ["video"] : tracks;
    if (!tracks.length || this.inSource.some((track) => !MediaBuffers.plays(track, period[track]))) {
      return this.giveUp("this browser cannot play the stream in real time");
    }
    this.closeMedia();
    this.pacer = new Pacer(this.inSource.includes("audio") ? SOUND_IN_SOURCE_SECONDS : 0);
    const codecs = Object.fromEntries(this.inSource.map((track) => [track, period[track]]));
    this.media = new MediaBuffers(
      this.video.nativeEl as HTMLVideoElement,
      codecs,
      () => this.keep(),
      () => this.giveUp("the real-time video couldn't be decoded"),
    );
    // The picture comes first: a context for sound takes the browser some time.
    setTimeout(() => {
      if (this.period !== period) return;
      if (decodesSound) this.decodeSound(soundConfig(period));
      if (this.media?.isEarly) this.announce();
    });
  }

  /** Dispatches the events that a video had before the app had loaded. The player then asks for the sound. */
  private announce() {
    const { video } = this;
    if (video.readyState >= HTMLMediaElement.HAVE_METADATA) video.dispatchEvent(new Event("loadedmetadata"));
    if (video.readyState > HTMLMediaElement.HAVE_CURRENT_DATA && !video.paused)
      video.dispatchEvent(new Event("playing"));
  }

  private decodeSound(config: AudioConfig) {
    const sound = new AudioOutput(() => this.clock());
    const putInSource = () => {
      if (this.sound !== sound) return;
      this.decodesSound = false;
      this.owner.start();
    };
    this.sound = sound;
    sound.onError = putInSource;
    sound.configure(config);
    this.followVolume();
    AudioOutput.supports(config).then((isSupported) => isSupported || putInSource());
  }

  private followVolume() {
    const { muted, volume } = this.video;
    this.sound?.setVolume(muted ? 0 : volume);
    if (!muted) this.sound?.resume();
  }

  private clock(): Clock {
    const { currentTime, paused, playbackRate, seeking } = this.video;
    return { time: currentTime, at: performance.now(), rate: paused || seeking || this.isWaiting ? 0 : playbackRate };
  }

  private closeMedia() {
    this.underrunsBefore = this.underruns;
    this.sound?.close();
    this.media?.close();
    this.media = this.sound = null;
  }

  private giveUp(why: string) {
    if (this.selector.fallBack(performance.now(), why)) this.owner.start();
  }

  private receive(frame: Frame) {
    const { track, time, at: now, fragment, data } = frame;
    this.sleep.runs(performance.now());
    this.heardAt = now;
    this.received.push({ at: now, bytes: fragment.length });
    while (now - this.received[0].at > BITRATE_MS) this.received.shift();
    if (this.inSource.includes(track)) {
      this.pacer.arrived(now, time);
      const frames = track === "video" ? this.quality.next(frame) : [frame];
      for (const each of frames) this.media?.append(track, each.fragment);
    } else if (this.sound) {
      this.sound.add(data, time);
      // Sound that is queued only shortly before it is due needs more distance.
      if (this.sound.ahead && !this.isWaiting) this.pacer.arrived(now, this.video.currentTime + this.sound.ahead);
    }
    this.owner.answered();
    if (!this.isStarved) return;
    this.isStarved = false;
    const isRepeated = this.pacer.stallsLately > 1 && this.quality.lower(now);
    if (isRepeated || this.selector.interrupted(now)) this.owner.start();
  }
}
