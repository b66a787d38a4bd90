// Plays decoded sound in time with the video, in the thread of the AudioContext.

import { type Schedule, SoundQueue } from "./sound_queue.ts";

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new (options: AudioWorkletNodeOptions) => object): void;
declare const currentTime: number;
declare const sampleRate: number;

export type Sound = { channels: Float32Array<ArrayBuffer>[]; time: number };
/** From the page: the clock of the video, with a decoded frame or without. */
export type Message = { schedule: Schedule; sound?: Sound };
/** The answer to each message. */
export type State = { underruns: number; ahead: number };

registerProcessor(
  "sound",
  class extends AudioWorkletProcessor {
    private queue: SoundQueue;

    constructor({ outputChannelCount = [2] }: AudioWorkletNodeOptions) {
      super();
      this.queue = new SoundQueue(sampleRate, outputChannelCount[0]);
      this.port.onmessage = ({ data: { schedule, sound } }: MessageEvent<Message>) => {
        const { queue } = this;
        queue.follow(schedule);
        if (sound) queue.push(sound.channels, sound.time);
        this.port.postMessage({ underruns: queue.underruns, ahead: queue.ahead } satisfies State);
      };
    }

    process(_: Float32Array[][], [output]: Float32Array[][]) {
      this.queue.render(output, currentTime);
      return true;
    }
  },
);
