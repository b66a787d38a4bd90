// Globals that the pages' documents define, and files that the bundler can import.

interface Window {
  /** Returns the URL of a path that nginx serves (streaming_app/theme.py). */
  frontDoor(path: string): string;
  /** Copies a text to the clipboard (assets/site.js). */
  copyText(text: string): Promise<void>;
  /** The URL paths of the stream in the document's head, for the first player: plain HLS, low latency, real time. */
  liveAtFirst?: { path: string; sources: string[] };
  /** A stream in real time that no player has taken yet (backend/api/early_playback.js). */
  earlyPlayback?: EarlyPlayback;
  /** In Safari. */
  ManagedMediaSource?: typeof MediaSource;
}

/** `messages`: all that the connection has received. */
interface EarlyPlayback {
  socket: WebSocket;
  messages: MessageEvent[];
  picture?: EarlyPicture;
}

/** `appended`: how many messages with video, of the first ones, are in the buffer. */
interface EarlyPicture {
  mime: string;
  video: HTMLVideoElement;
  source: MediaSource;
  buffer?: SourceBuffer;
  appended: number;
  stop(): void;
}

declare module "*?url";

declare module "*?worker&url" {
  const url: string;
  export default url;
}
