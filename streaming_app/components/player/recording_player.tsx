// The player of a recording. Python renders its elements (recording_player.py); this module controls them.

import type { ErrorData, HlsConfig, RetryConfig } from "hls.js";
import { Hls } from "hls-video-element";
import { type ReactNode, useEffect, useRef, useState } from "react";
import "media-chrome/media-seek-backward-button";
import "media-chrome/media-seek-forward-button";
import "media-chrome/media-time-range";
import "media-chrome/media-time-display";
import "media-chrome/media-preview-time-display";
import "media-chrome/dist/menu/media-playback-rate-menu";
import "media-chrome/dist/menu/media-playback-rate-menu-button";
import { addTranslation } from "media-chrome/utils/i18n";
import { HlsVideo } from "./hls_video.ts";
import { PlayerControls, SEEK_SECONDS } from "./player_controls.ts";

const RETRY: RetryConfig = {
  maxNumRetry: 3,
  retryDelayMs: 2000,
  maxRetryDelayMs: 2000,
  shouldRetry: (_, count) => count < 3, // whatever the HTTP status: hls.js itself retries only some
};
const POLICY = {
  default: { maxTimeToFirstByteMs: 10000, maxLoadTimeMs: 60000, timeoutRetry: RETRY, errorRetry: RETRY },
};
const HLS_CONFIG: Partial<HlsConfig> = {
  liveDurationInfinity: false,
  maxBufferLength: 30,
  backBufferLength: 60,
  manifestLoadPolicy: POLICY,
  playlistLoadPolicy: POLICY,
  fragLoadPolicy: POLICY,
};

if (!customElements.get("recorded-video")) customElements.define("recorded-video", HlsVideo);

type Props = {
  src: string;
  poster: string;
  title: string;
  speeds: number[];
  skipSeconds: number;
  words: Record<string, string>;
  children: ReactNode;
};

export function RecordingPlayer({ src, poster, title, speeds, skipSeconds, words, children }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const player = useRef<RecordingControls>(null);
  useState(() => addTranslation("en", words));
  useEffect(() => {
    player.current = new RecordingControls(root.current as HTMLDivElement, speeds, skipSeconds);
    return () => player.current?.destroy();
  }, []);
  useEffect(() => player.current?.play(src && window.frontDoor(src)), [src]);
  useEffect(() => player.current?.showPoster(poster), [poster]);
  useEffect(() => player.current?.describe(title, poster), [title, poster]);
  return (
    <section ref={root} className="player player--recording" aria-label={title ? `Video: ${title}` : "Video"}>
      {children}
    </section>
  );
}

class RecordingControls extends PlayerControls<HlsVideo> {
  private url = "";
  private hasRecovered = false; // from a media error, since the last progress

  constructor(root: HTMLElement, speeds: number[], skipSeconds: number) {
    super(root, "recorded-video");
    const { video, actions } = this;
    const seekBy = (seconds: number) => () => {
      video.currentTime += seconds;
    };
    const changeSpeed = (steps: number) => () => {
      video.playbackRate = speeds[Math.max(0, speeds.indexOf(video.playbackRate) + steps)] ?? video.playbackRate;
    };
    Object.assign(actions, {
      ArrowLeft: seekBy(-SEEK_SECONDS),
      ArrowRight: seekBy(SEEK_SECONDS),
      j: seekBy(-skipSeconds),
      l: seekBy(skipSeconds),
      "<": changeSpeed(-1),
      ">": changeSpeed(1),
      play: actions.k,
      retry: () => this.load(video.currentTime),
    });
    for (let tenth = 0; tenth < 10; tenth++) {
      actions[tenth] = () => {
        if (video.duration) video.currentTime = (video.duration * tenth) / 10;
      };
    }
    this.listen(video, "hlsready", () => video.api?.on(Hls.Events.ERROR, (_, error) => this.onError(error)));
    this.listen(video, "loadedmetadata", () => {
      video.play().catch(({ name }) => root.toggleAttribute("data-autoplay-blocked", name === "NotAllowedError"));
    });
    this.listen(video, "play", () => root.removeAttribute("data-autoplay-blocked"));
    this.listen(video, "loadeddata", () => {
      root.dataset.phase = "playing";
    });
    this.listen(video, "timeupdate", () => {
      this.hasRecovered = false;
    });
    this.listen(video, "timeupdate seeking seeked loadeddata", () => this.tellPlayhead());
  }

  /** Plays the recording at `url` from its start. */
  play(url: string) {
    this.url = url;
    if (url) this.load(0);
  }

  private load(startPosition: number) {
    const { video, root } = this;
    root.dataset.cover = "";
    root.dataset.phase ??= "loading";
    video.config = { ...HLS_CONFIG, startPosition };
    video.src = "";
    video.src = this.url;
  }

  private onError({ fatal, type }: ErrorData) {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR && !this.hasRecovered) {
      this.hasRecovered = true;
      this.video.api?.recoverMediaError();
    } else {
      this.root.dataset.cover = "trouble";
    }
  }

  /** Reports the time of the current frame: `playhead`, with `detail.at` in milliseconds since 1970. */
  private tellPlayhead() {
    const { api, currentTime, nativeEl, seeking } = this.video;
    const at = api ? api.playingDate?.getTime() : startDate(nativeEl) + currentTime * 1000;
    if (at) document.dispatchEvent(new CustomEvent("playhead", { detail: { at, seeking } }));
  }

  destroy() {
    super.destroy();
    this.video.src = "";
  }
}

/** Returns the Unix time in ms of the media time 0, where the browser itself plays HLS; NaN elsewhere. */
function startDate(video: HTMLVideoElement & { getStartDate?: () => Date }): number {
  return Number(video.getStartDate?.());
}
