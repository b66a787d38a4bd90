// Globals that the pages' documents define, and files that the bundler can import.

interface Window {
  /** Returns the URL of a path that nginx serves (streaming_app/theme.py). */
  frontDoor(path: string): string;
  /** Copies a text to the clipboard (assets/site.js). */
  copyText(text: string): Promise<void>;
  /** The URL paths of the stream in the document's head, for the first player: plain HLS, low latency, real time. */
  liveAtFirst?: { path: string; sources: string[] };
}

declare module "*?url";
