// The sound of a real-time stream: WebCodecs decodes it, and an AudioWorklet plays it in time with the video.

import type { Message, Sound, State } from "./audio_worklet.ts";
import workletUrl from "./audio_worklet.ts?worker&url";
import type { Period } from "./realtime_socket.ts";

const SYNC_MS = 50;
const ERRORS_MAX = 5; // without a decoded frame between them
const UNDECODED_FRAMES_MAX = 50; // about a second
const REPEATED_SECONDS = 15; // longer than from one keyframe to the next
const FRAME_SAMPLES = 1024;
const RAMP_SECONDS = 0.015;
const RESUME_MS = 500;

/** `config` is the AudioSpecificConfig of AAC. */
export type AudioConfig = { codec: string; sampleRate: number; channels: number; config: Uint8Array };
/** The media time of the video in seconds, at the time `at` of `performance.now()`. Its rate is 0 while it does not play. */
export type Clock = { time: number; at: number; rate: number };

export class AudioOutput {
  /** Called once, if the sound cannot be decoded or played. */
  onError: ((why: string) => void) | undefined;
  /** How often sound was missing while the video played. */
  underruns = 0;
  /** Seconds from arrival of the newest frame until it has to be played. Negative: frames arrive too late to be played. */
  ahead = 0;
  private config: AudioDecoderConfig | undefined;
  private decoder: AudioDecoder | undefined;
  private speaker: Speaker | undefined;
  private errors = 0;
  private volume = 1;
  /** Frames in the decoder: the timestamp for the decoder in microseconds, and the media time in seconds. */
  private decoding: { stamp: number; time: number }[] = [];
  private stamp = 0;
  private frameMicros = 0;
  private newest = -Infinity; // media time in seconds
  private timer = setInterval(() => this.speaker?.send(this.clock()), SYNC_MS);

  constructor(private clock: () => Clock) {}

  /** Returns whether this browser can decode and play the sound. Pages without HTTPS cannot, except on localhost. */
  static async supports(config: AudioConfig): Promise<boolean> {
    if (!("AudioDecoder" in window && "AudioWorkletNode" in window)) return false;
    const answer = await AudioDecoder.isConfigSupported(decoderConfig(config)).catch(() => null);
    return answer?.supported ?? false;
  }

  /** Sets the format of the next frames. Earlier frames are still played. */
  configure(config: AudioConfig) {
    this.config = decoderConfig(config);
    this.frameMicros = (FRAME_SAMPLES / config.sampleRate) * 1e6;
    this.startDecoder();
    if (!this.speaker) this.startSpeaker(config.sampleRate, config.channels);
  }

  /** Adds an AAC frame. `time`: its presentation time in seconds. Frames that a new connection repeats are ignored. */
  add(frame: Uint8Array, time: number) {
    // A suspended context plays nothing, so frames would only use memory.
    if (!this.decoder || !this.speaker?.isRunning) return;
    if (time <= this.newest && time > this.newest - REPEATED_SECONDS) return;
    this.newest = time;
    if (this.decoder.decodeQueueSize > UNDECODED_FRAMES_MAX) this.startDecoder(); // only newer frames are of use
    // Chromium ignores all timestamps after the first. Timestamps without gaps are the same in all browsers.
    this.stamp += this.frameMicros;
    this.decoding.push({ stamp: this.stamp, time });
    this.decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: this.stamp, data: frame }));
  }

  /** Changes the volume (0 to 1) without a click. */
  setVolume(volume: number) {
    this.volume = volume;
    this.speaker?.setVolume(volume);
  }

  /** Starts the sound. Most browsers need a click or a key before. Returns whether the sound plays. */
  async resume(): Promise<boolean> {
    return (await this.speaker?.resume()) ?? false;
  }

  close() {
    clearInterval(this.timer);
    this.stopDecoder();
    this.speaker?.close();
    this.speaker = undefined;
  }

  private startDecoder() {
    const { config } = this;
    if (!config) return;
    this.stopDecoder();
    this.decoding = [];
    this.decoder = new AudioDecoder({
      output: (data) => this.decoded(data),
      error: ({ message }) => {
        this.decoder = undefined;
        if (++this.errors < ERRORS_MAX) this.startDecoder();
        else this.fail(message);
      },
    });
    this.decoder.configure(config);
  }

  private stopDecoder() {
    if (this.decoder?.state !== "closed") this.decoder?.close();
    this.decoder = undefined;
  }

  private decoded(data: AudioData) {
    const { decoding } = this;
    const { numberOfChannels, numberOfFrames, sampleRate, timestamp } = data;
    this.errors = 0;
    this.frameMicros = (numberOfFrames / sampleRate) * 1e6;
    while (decoding.length > 1 && decoding[1].stamp < timestamp + this.frameMicros / 2) decoding.shift();
    // The real format of HE-AAC is known only from decoded frames.
    if (!this.speaker?.plays(sampleRate, numberOfChannels)) this.startSpeaker(sampleRate, numberOfChannels);
    const channels = Array.from({ length: numberOfChannels }, (_, planeIndex) => {
      const samples = new Float32Array(numberOfFrames);
      data.copyTo(samples, { planeIndex, format: "f32-planar" });
      return samples;
    });
    data.close();
    this.speaker?.send(this.clock(), { channels, time: decoding[0].time });
  }

  private startSpeaker(sampleRate: number, channels: number) {
    const before = this.underruns;
    this.speaker?.close();
    try {
      const speaker = new Speaker(sampleRate, channels, this.volume, ({ underruns, ahead }) => {
        this.underruns = before + underruns;
        this.ahead = ahead;
      });
      speaker.ready.catch((error) => this.speaker === speaker && this.fail(String(error)));
      this.speaker = speaker;
    } catch (error) {
      this.fail(String(error)); // the browser does not support the sample rate
    }
  }

  private fail(why: string) {
    this.close();
    this.onError?.(why);
    this.onError = undefined;
  }
}

/** An AudioContext for one sample rate and number of channels. */
class Speaker {
  ready: Promise<void>;
  private context: AudioContext;
  private gain: GainNode;
  private node: AudioWorkletNode | undefined;

  constructor(
    sampleRate: number,
    private channels: number,
    volume: number,
    private onState: (state: State) => void,
  ) {
    this.context = new AudioContext({ sampleRate, latencyHint: "interactive" });
    this.gain = new GainNode(this.context, { gain: volume });
    this.gain.connect(this.context.destination);
    this.ready = this.load();
  }

  get isRunning(): boolean {
    return this.context.state === "running";
  }

  plays(sampleRate: number, channels: number): boolean {
    return this.context.sampleRate === sampleRate && this.channels === channels;
  }

  setVolume(volume: number) {
    this.gain.gain.setTargetAtTime(volume, this.context.currentTime, RAMP_SECONDS);
  }

  async resume(): Promise<boolean> {
    // The promise stays pending until the user has clicked or pressed a key.
    const isLate = new Promise((resolve) => setTimeout(resolve, RESUME_MS));
    await Promise.race([this.context.resume(), isLate]);
    return this.isRunning;
  }

  /** Sends the clock of the video to the worklet, with decoded sound or without. */
  send({ time, at, rate }: Clock, sound?: Sound) {
    if (!this.isRunning) return;
    const [context, now] = this.outputTime();
    const message: Message = { schedule: { context, media: time + ((now - at) / 1000) * rate, rate }, sound };
    this.node?.port.postMessage(message, sound?.channels.map(({ buffer }) => buffer) ?? []);
  }

  close() {
    this.onState = () => {};
    this.context.close().catch(() => {}); // it may be closed already
  }

  /** Returns a time of the context, and the time of `performance.now()` at which the listener hears its sound. */
  private outputTime(): [context: number, now: number] {
    const { currentTime, outputLatency } = this.context;
    const { contextTime, performanceTime } = this.context.getOutputTimestamp();
    if (contextTime && performanceTime) return [contextTime, performanceTime];
    return [currentTime - outputLatency, performance.now()]; // nothing has been played yet
  }

  private async load() {
    const { channels, context } = this;
    await context.audioWorklet.addModule(workletUrl);
    if (context.state === "closed") return;
    this.node = new AudioWorkletNode(context, "sound", { numberOfInputs: 0, outputChannelCount: [channels] });
    this.node.port.onmessage = ({ data }: MessageEvent<State>) => this.onState(data);
    this.node.connect(this.gain);
  }
}

function decoderConfig({ codec, sampleRate, channels, config }: AudioConfig): AudioDecoderConfig {
  return { codec, sampleRate, numberOfChannels: channels, description: config };
}

/** Returns the format of the sound of `period`. */
export function soundConfig({ audio, sample_rate, channels, config }: Period): AudioConfig {
  return { codec: audio, sampleRate: sample_rate, channels, config: bytes(config) };
}

function bytes(hexadecimal: string): Uint8Array {
  return Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
