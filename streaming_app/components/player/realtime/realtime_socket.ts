// The websocket that sends each frame of a stream as soon as the server has it: rtmp/README.md describes its messages.

import { takeConnection } from "./early_playback.ts";

export type Track = "video" | "audio";

/** The tracks until the next period: codecs as in RFC 6381, empty without such a track. `config` is hexadecimal. */
export type Period = Record<Track, string> & {
  width: number;
  height: number;
  config: string;
  sample_rate: number;
  channels: number;
};

export type Rendition = { name: string; width: number; height: number; bitrate: number };

/** What can be watched besides this rendition. `window`: the seconds that low-latency HLS can seek back now. */
export type Choices = { renditions: readonly Rendition[]; window: number; window_max: number };

/** One frame. `fragment` is MP4, and `data` the frame itself. `time` is when to show it, in s; `at` when it arrived, in ms. */
export type Frame = {
  track: Track;
  isKey: boolean;
  time: number;
  at: number;
  fragment: Uint8Array<ArrayBuffer>;
  data: Uint8Array;
};

export type Receiver = {
  onPeriod(period: Period): void;
  onChoices(choices: Choices): void;
  onInit(track: Track, segment: Uint8Array<ArrayBuffer>): void;
  onFrame(frame: Frame): void;
  /** The connection was closed, with a close code of the server or of the browser. */
  onClose(code: number): void;
};

export const TOO_SLOW = 4001;
export const RENDITION_REMOVED = 4002;
const TOO_MANY = 4003;
/** Why low latency has to take over, by close code. */
export const OVER: Record<number, string | undefined> = {
  [TOO_SLOW]: "the connection is too slow for real time",
  [TOO_MANY]: "this network has too many viewers",
};

const [VIDEO_INIT, AUDIO_INIT, KEYFRAME, , AUDIO] = [1, 2, 3, 4, 5];
const PATIENCE_MS = 1_000; // as long as a start in real time may take, or the start would fail
const VIDEO_TIMESCALE = 90_000;
// Where a fragment of one frame has its decoding time, the offset of its data, and its composition offset.
const [DECODING_TIME, DATA_OFFSET, COMPOSITION_OFFSET] = [60, 84, 100];

/** Connects to `httpUrl`; returns a function that closes the connection and ends the calls of `receiver`. */
export function connect(httpUrl: string, receiver: Receiver): () => void {
  const url = httpUrl.replace("http", "ws");
  const { socket, messages } = takeConnection(url) ?? { socket: new WebSocket(url), messages: [] };
  socket.binaryType = "arraybuffer";
  let sampleRate = 1;
  socket.onmessage = ({ data, timeStamp }) => {
    if (typeof data !== "string") return receive(new Uint8Array(data), timeStamp, sampleRate, receiver);
    const message: Period | Choices = JSON.parse(data);
    if ("renditions" in message) return receiver.onChoices(message);
    sampleRate = message.sample_rate;
    receiver.onPeriod(message);
  };
  socket.onclose = ({ code }) => receiver.onClose(code);
  queueMicrotask(() => {
    for (const message of messages) socket.onmessage?.(message);
  });
  return () => {
    socket.onmessage = socket.onclose = null;
    socket.close();
  };
}

function receive(message: Uint8Array<ArrayBuffer>, at: number, sampleRate: number, receiver: Receiver) {
  const kind = message[0];
  const fragment = message.subarray(1);
  if (kind === VIDEO_INIT || kind === AUDIO_INIT) {
    return receiver.onInit(kind === VIDEO_INIT ? "video" : "audio", fragment);
  }
  const view = new DataView(fragment.buffer, 1);
  const isAudio = kind === AUDIO;
  const decodingTime = Number(view.getBigUint64(DECODING_TIME));
  receiver.onFrame({
    track: isAudio ? "audio" : "video",
    isKey: kind === KEYFRAME,
    time: isAudio ? decodingTime / sampleRate : (decodingTime + view.getInt32(COMPOSITION_OFFSET)) / VIDEO_TIMESCALE,
    at,
    fragment,
    data: fragment.subarray(view.getInt32(DATA_OFFSET)),
  });
}

/** Returns whether the server sends frames at `url` soon. */
export function hasFrames(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const answer = (hasAny: boolean) => {
      disconnect();
      resolve(hasAny);
    };
    const nothing = () => {};
    const receiver = { onPeriod: nothing, onChoices: nothing, onInit: nothing };
    const disconnect = connect(url, { ...receiver, onFrame: () => answer(true), onClose: () => answer(false) });
    setTimeout(answer, PATIENCE_MS, false);
  });
}
