// The player of a recording. Python renders its elements (recording_player.py); this module controls them.

import type { ErrorData } from "hls.js";
import { Hls, HlsVideoElement } from "hls-video-element";
import { type ReactNode, useEffect, useRef, useState } from "react";
import "media-chrome/media-controller";
import "media-chrome/media-control-bar";
import "media-chrome/media-play-button";
import "media-chrome/media-seek-backward-button";
import "media-chrome/media-seek-forward-button";
import "media-chrome/media-mute-button";
import "media-chrome/media-volume-range";
import "media-chrome/media-time-range";
import "media-chrome/media-time-display";
import "media-chrome/media-preview-time-display";
import "media-chrome/media-loading-indicator";
import "media-chrome/media-pip-button";
import "media-chrome/media-fullscreen-button";
// The menu creates this element, but does not import it.
import "media-chrome/dist/menu/media-chrome-menu-item";
import "media-chrome/dist/menu/media-playback-rate-menu";
import "media-chrome/dist/menu/media-playback-rate-menu-button";
import { addTranslation } from "media-chrome/utils/i18n";
import { startDate } from "./live_stats.ts";
import { PlayerShell, SEEK_SECONDS } from "./player_shell.ts";

const RETRIES = 3;
const RETRY_MS = 2000;
const HLS_CONFIG = { startPosition: 0, liveDurationInfinity: false, maxBufferLength: 30, backBufferLength: 60 };

class RecordedVideoElement extends HlsVideoElement {
  async load() {
    await super.load();
    if (this.api) this.dispatchEvent(new Event("hlsready"));
  }
}
if (!customElements.get("recorded-video")) customElements.define("recorded-video", RecordedVideoElement);

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

class RecordingControls extends PlayerShell<RecordedVideoElement> {
  private url = "";
  private attempts = 0;
  private timer = 0;

  constructor(root: HTMLElement, speeds: number[], skipSeconds: number) {
    super(root, "recorded-video");
    const { video } = this;
    const seekBy = (seconds: number) => () => {
      video.currentTime += seconds;
    };
    const changeSpeed = (steps: number) => () => {
      video.playbackRate = speeds[Math.max(0, speeds.indexOf(video.playbackRate) + steps)] ?? video.playbackRate;
    };
    Object.assign(this.actions, {
      ArrowLeft: seekBy(-SEEK_SECONDS),
      ArrowRight: seekBy(SEEK_SECONDS),
      j: seekBy(-skipSeconds),
      l: seekBy(skipSeconds),
      "<": changeSpeed(-1),
      ">": changeSpeed(1),
      retry: () => this.retry(),
    });
    for (let tenth = 0; tenth < 10; tenth++) {
      this.actions[tenth] = () => {
        if (video.duration) video.currentTime = (video.duration * tenth) / 10;
      };
    }
    this.listen(video, "hlsready", () => video.api?.on(Hls.Events.ERROR, (_, error) => this.onError(error)));
    this.listen(video, "loadedmetadata", () =>
      video.play().catch(({ name }) => {
        this.find(".player__play").hidden = name !== "NotAllowedError";
      }),
    );
    this.listen(video, "play", () => {
      this.find(".player__play").hidden = true;
    });
    this.listen(video, "loadeddata", () => this.setPhase("playing"));
    this.listen(video, "timeupdate", () => {
      this.attempts = 0;
    });
    this.listen(video, "timeupdate seeking seeked loadeddata", () => this.tellPlayhead());
    this.setPhase("loading");
  }

  /** Plays the recording at `url` from its start. */
  play(url: string) {
    this.url = url;
    if (url) this.load(0);
  }

  private load(startPosition: number) {
    const { video } = this;
    video.config = { ...HLS_CONFIG, startPosition };
    video.src = "";
    video.src = this.url;
  }

  private retry() {
    this.attempts = 0;
    this.setPhase(this.find(".player__backdrop").hidden ? "playing" : "loading");
    this.load(this.video.currentTime);
  }

  private onError(error: ErrorData) {
    if (!error.fatal) return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && this.attempts === 0) {
      this.attempts = 1;
      this.video.api?.recoverMediaError();
    } else if (this.attempts++ < RETRIES) {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.load(this.video.currentTime), RETRY_MS);
    } else {
      this.setPhase("trouble");
    }
  }

  private setPhase(phase: "loading" | "playing" | "trouble") {
    this.root.dataset.phase = phase;
    if (phase === "playing") this.find(".player__backdrop").hidden = true;
    this.showCover(phase);
  }

  /** Reports the time of the current frame: `playhead`, with `detail.at` in milliseconds since 1970. */
  private tellPlayhead() {
    const at = instantOf(this.video);
    const { seeking } = this.video;
    if (at) document.dispatchEvent(new CustomEvent("playhead", { detail: { at, seeking } }));
  }

  destroy() {
    super.destroy();
    clearTimeout(this.timer);
    this.video.src = "";
  }
}

/** Returns the time of the current frame in ms since 1970, or 0. A recording may have gaps, so each segment has its own date. */
function instantOf({ api, currentTime, nativeEl }: RecordedVideoElement): number {
  const fragments = api?.levels[Math.max(0, api.currentLevel)]?.details?.fragments;
  if (!fragments?.length) return startDate(nativeEl) + currentTime * 1000 || 0;
  const { start, programDateTime } = fragments.findLast((fragment) => fragment.start <= currentTime) ?? fragments[0];
  return programDateTime ? programDateTime + (currentTime - start) * 1000 : 0;
}
