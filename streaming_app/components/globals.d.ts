// Globals that the pages' documents define, and files that the bundler can import.

interface Window {
  /** Returns the URL of a path that nginx serves (streaming_app/theme.py). */
  frontDoor(path: string): string;
  /** Copies a text to the clipboard (assets/site.js). */
  copyText(text: string): Promise<void>;
  /** The URL paths of the stream in the document's head, for the first player: plain HLS, low latency, real time. */
  liveAtFirst?: { path: string; sources: string[] };
  /** A connection in real time that no player has taken, and what it has received (assets/site.js). */
  earlyConnection?: { socket: WebSocket; messages: MessageEvent[] };
  /** In Safari. */
  ManagedMediaSource?: typeof MediaSource;
}

declare module "*?url";

declare module "*?worker&url" {
  const url: string;
  export default url;
}
