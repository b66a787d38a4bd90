// Appends MP4 fragments to a video element by Media Source Extensions.

import { takePicture } from "./early_playback.ts";
import type { Track } from "./realtime_socket.ts";

// Safari on phones has only a MediaSource that the browser manages.
const Source = window.ManagedMediaSource ?? window.MediaSource;
const KEPT_SECONDS = 10;
const REMOVED_SECONDS = 20; // old media is removed when there is more than this

const mime = (track: Track, codec: string) => `${track}/mp4; codecs="${codec}"`;

export class MediaBuffers {
  /** Whether the video has been played before the app had loaded. */
  readonly isEarly: boolean;
  private source: MediaSource;
  /** What waits for the end of an append: MP4, or a codec to change to. */
  private waiting: Partial<Record<Track, (Uint8Array<ArrayBuffer> | string)[]>> = {};
  private buffers: Partial<Record<Track, SourceBuffer>> = {};
  private isClosed = false;
  private known = 0; // how many of the next segments of video are in the buffer already

  /** Returns whether the browser plays `codec`. */
  static plays(track: Track, codec: string): boolean {
    return Boolean(Source?.isTypeSupported(mime(track, codec)));
  }

  /** `codecs`: those of the tracks. `onError` is called at most once; nothing is appended after it. */
  constructor(
    private video: HTMLVideoElement,
    codecs: Partial<Record<Track, string>>,
    private onAppended: () => void,
    private onError: () => void,
  ) {
    for (const track of Object.keys(codecs) as Track[]) this.waiting[track] = [];
    video.addEventListener("error", this.fail);
    const early = codecs.audio ? undefined : takePicture(video, mime("video", codecs.video ?? ""));
    this.isEarly = Boolean(early);
    this.source = early?.source ?? new Source();
    if (early) {
      this.known = early.appended;
      this.use("video", early.buffer);
      return;
    }
    const url = URL.createObjectURL(this.source);
    this.source.addEventListener("sourceopen", () => {
      URL.revokeObjectURL(url);
      if (this.isClosed) return;
      this.source.duration = Number.POSITIVE_INFINITY;
      // All source buffers are made before the first append, after which no track can be added.
      for (const [track, codec] of Object.entries(codecs) as [Track, string][]) {
        this.use(track, this.source.addSourceBuffer(mime(track, codec)));
      }
      for (const track of Object.keys(codecs) as Track[]) this.flush(track);
    });
    video.disableRemotePlayback = true; // required for a managed source
    video.src = url;
  }

  /** Appends a fragment or an initialization segment as soon as possible. */
  append(track: Track, bytes: Uint8Array<ArrayBuffer>) {
    if (track === "video" && this.known-- > 0) return;
    this.waiting[track]?.push(bytes);
    this.flush(track);
  }

  /** Changes the codec of the segments that are appended later. */
  changeCodec(track: Track, codec: string) {
    this.waiting[track]?.push(codec);
  }

  close() {
    this.isClosed = true;
    this.video.removeEventListener("error", this.fail);
    this.video.disableRemotePlayback = false;
  }

  private use(track: Track, buffer: SourceBuffer) {
    this.buffers[track] = buffer;
    buffer.addEventListener("updateend", () => {
      if (this.isClosed) return;
      this.flush(track);
      // The frames since the newest keyframe arrive together. Playback begins after the last of them.
      if (!buffer.updating) this.onAppended();
    });
  }

  private flush(track: Track) {
    const buffer = this.buffers[track];
    const waiting = this.waiting[track];
    if (this.isClosed || !buffer || buffer.updating || !waiting?.length) return;
    try {
      const { buffered } = buffer;
      const end = buffered.length && buffered.end(buffered.length - 1);
      if (end && end - buffered.start(0) > REMOVED_SECONDS) return buffer.remove(0, end - KEPT_SECONDS);
      if (typeof waiting[0] === "string") buffer.changeType(mime(track, waiting.shift() as string));
      const next = waiting.findIndex((item) => typeof item === "string");
      const parts = waiting.splice(0, next < 0 ? waiting.length : next) as Uint8Array<ArrayBuffer>[];
      if (parts.length) buffer.appendBuffer(joined(parts));
    } catch {
      this.fail();
    }
  }

  private fail = () => {
    if (this.isClosed) return;
    this.close();
    this.onError();
  };
}

function joined(parts: Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
