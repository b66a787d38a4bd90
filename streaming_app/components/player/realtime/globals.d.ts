// Globals of playback in real time, which the document may begin before the app has loaded; and files that only it imports.

interface Window {
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

declare module "*?worker&url" {
  const url: string;
  export default url;
}
