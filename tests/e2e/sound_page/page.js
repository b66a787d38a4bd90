// Plays AAC frames with AudioOutput, in time with a clock instead of a video, and captures the sound.

import { AudioOutput } from "../../../streaming_app/components/player/realtime/audio_output.ts";
import captureUrl from "./capture.js?worker&url";

const FIRST_SECONDS = 1000; // the media time of the first frame
const AHEAD_SECONDS = 0.5;
const JITTER_SECONDS = 0.1;
const { connect } = AudioNode.prototype;

/** Captures what each context plays, in blocks of all channels. */
function capture(captured) {
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      const { context } = this;
      captured.context = context;
      context.audioWorklet.addModule(captureUrl).then(() => {
        const node = new AudioWorkletNode(context, "capture");
        node.port.onmessage = ({ data }) => captured.blocks.push(data);
        connect.call(this, node);
        connect.call(node, target);
      });
    }
    return connect.call(this, target, ...rest);
  };
}

/** Plays `frames` (time, base64) in `steps` of some seconds, each with a rate of the video and a volume. */
window.play = async ({ frames, config, steps }) => {
  const captured = { blocks: [], context: null };
  capture(captured);
  const errors = [];
  let clock = { time: FIRST_SECONDS, at: performance.now(), rate: 0 };
  const now = () => clock.time + ((performance.now() - clock.at) / 1000) * clock.rate;
  const output = new AudioOutput(() => clock);
  output.onError = (why) => errors.push(why);
  output.configure({ ...config, config: Uint8Array.from(config.config) });
  const isRunning = await output.resume();
  let next = 0;
  const feed = async (until) => {
    for (;;) {
      const media = now();
      const jitter = Math.random() * JITTER_SECONDS;
      for (; next < frames.length; next++) {
        const [time, data] = frames[next];
        if (time > media - FIRST_SECONDS + AHEAD_SECONDS + jitter) break;
        const frame = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        output.add(frame, FIRST_SECONDS + time);
      }
      if (performance.now() >= until) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const marks = [];
  for (const { seconds, rate, volume } of steps) {
    clock = { time: now(), at: performance.now(), rate };
    output.setVolume(volume);
    await feed(performance.now() + seconds * 1000);
    const { contextTime, performanceTime } = captured.context.getOutputTimestamp();
    const media = clock.time + ((performanceTime - clock.at) / 1000) * rate - FIRST_SECONDS;
    marks.push({ context: contextTime, media, rate });
  }
  const { ahead, underruns } = output;
  output.close();
  const { blocks } = captured;
  return { isRunning, errors, underruns, ahead, marks, sampleRate: captured.context.sampleRate, ...joined(blocks) };
};

/** Returns all samples of both channels as numbers in base64, and the context time of their end. */
function joined(blocks) {
  const channels = [0, 1].map((channel) => {
    const samples = new Float32Array(blocks.flatMap((block) => [...block.channels[channel % block.channels.length]]));
    return new Uint8Array(samples.buffer).toBase64();
  });
  return { end: blocks.at(-1)?.end, channels };
}
