// The player of a live stream. Python renders its elements (live_player.py); this module controls them.

import { type ReactNode, useEffect, useRef, useState } from "react";
import "media-chrome/dist/menu/media-rendition-menu";
import "media-chrome/dist/menu/media-rendition-menu-button";
import { addTranslation } from "media-chrome/utils/i18n";
import type { StreamState } from "../generated.ts";
import { LivePlayback } from "./live_playback.ts";
import type { LiveVideoElement } from "./live_video.ts";
import { PlayerControls, SEEK_SECONDS } from "./player_controls.ts";
import { seekBar } from "./seek_bar.ts";

const STATS_MS = 500;

type Stream = {
  src: string;
  lowLatency: string;
  streamState: StreamState | "";
  poster: string;
  title: string;
  endedAt: string;
};
type Props = Stream & { quiet: boolean; words: Record<string, string>; children: ReactNode };

export function LivePlayer(props: Props) {
  const stream = useKnown(props);
  const root = useRef<HTMLDivElement>(null);
  const player = useRef<LiveControls>(null);
  useState(() => addTranslation("en", props.words));
  useEffect(() => {
    player.current = new LiveControls(root.current as HTMLDivElement, props.quiet);
    return () => player.current?.destroy();
  }, []);
  const { src, lowLatency, streamState, poster, title, endedAt } = stream;
  useEffect(() => player.current?.update(stream), [src, lowLatency, streamState, title, endedAt]);
  useEffect(() => player.current?.showPoster(poster), [poster]);
  return (
    <section ref={root} className="player" data-state={streamState} aria-label={title ? `Video: ${title}` : "Video"}>
      {props.children}
    </section>
  );
}

/** Returns the props, or the last with a source: playback continues while the page's state is created again. */
function useKnown(props: Stream): Stream {
  const known = useRef<Stream>(null);
  known.current ??= { ...props, ...saidByDocument() };
  if (props.src) known.current = props;
  return known.current;
}

/** Returns, once, the sources in the document's head. The page's state has the same sources, but arrives some 100 ms later. */
function saidByDocument(): Partial<Stream> {
  const { path, playlists = [] } = window.liveAtFirst ?? {};
  delete window.liveAtFirst;
  const [src = "", lowLatency = ""] = playlists;
  return path === window.location.pathname ? { src, lowLatency, streamState: "live" } : {};
}

class LiveControls extends PlayerControls<LiveVideoElement> {
  private playback: LivePlayback;
  private stream: Stream | null = null;
  private wasLive = false; // at some time since the page was opened
  private statsTimer = setInterval(() => this.drawStats(), STATS_MS);

  constructor(root: HTMLElement, quiet: boolean) {
    super(root, "live-video");
    const { video, actions } = this;
    if (quiet) video.muted = true;
    this.playback = new LivePlayback(
      video,
      () => this.draw(),
      () => this.keepStill(),
    );
    const { dvr } = this.playback;
    dvr.onChange = seekBar(root, dvr);
    Object.assign(actions, {
      t: () => document.fullscreenElement || this.setTheatre(!document.documentElement.classList.contains("theatre")),
      s: () => {
        this.togglePanel("s");
        this.drawStats();
      },
      l: () => dvr.toLive(),
      ArrowLeft: () => dvr.seekBy(-SEEK_SECONDS),
      ArrowRight: () => dvr.seekBy(SEEK_SECONDS),
      retry: () => this.playback.start(),
      unmute: actions.m,
    });
    this.listen(video, "loadedmetadata", () => this.autoplay());
    this.listen(video, "loadeddata playing resize emptied", () => this.draw());
    this.listen(video, "volumechange", () => video.muted || root.removeAttribute("data-autoplay-muted"));
    this.draw();
  }

  update(stream: Stream) {
    this.stream = stream;
    const { src, lowLatency, streamState, title, poster } = stream;
    this.wasLive ||= streamState === "live" || streamState === "reconnecting";
    this.describe(title, poster);
    if (src && streamState) {
      this.playback.update(window.frontDoor(src), lowLatency && window.frontDoor(lowLatency), streamState);
    }
    this.draw();
  }

  /** Sets the attributes by which the style sheet shows the covers and the other elements. */
  private draw() {
    const { dataset } = this.root;
    const { phase } = this.playback;
    if (phase === "idle" && dataset.phase !== "idle") this.showPoster(this.stream?.poster ?? ""); // newer than before playback
    dataset.phase = phase;
    dataset.cover = this.cover();
  }

  private cover(): string {
    const { stream, video } = this;
    const { phase } = this.playback;
    if (!stream?.streamState) return "";
    if (phase === "playing")
      return video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth ? "" : "audio";
    if (stream.streamState === "reconnecting") return "reconnecting";
    if (stream.streamState === "offline" && stream.endedAt && this.wasLive) return "ended";
    return phase;
  }

  /** Keeps the current frame on a canvas while the video behind it is replaced. */
  private keepStill() {
    const { video } = this;
    if (!video.videoWidth || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const canvas = this.find<HTMLCanvasElement>(".player__still");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d")?.drawImage(video.nativeEl, 0, 0);
  }

  /** Plays without sound if the browser requires a user gesture for sound, and shows a button to turn the sound on. */
  private async autoplay() {
    const { video } = this;
    if (this.playback.isHeld) return;
    try {
      await video.play();
    } catch (error) {
      if ((error as Error).name !== "NotAllowedError") return;
      video.muted = true;
      this.root.toggleAttribute("data-autoplay-muted", true);
      await video.play().catch(() => {});
    }
  }

  private drawStats() {
    if (this.find(".player__stats").hidden) return;
    for (const [name, text] of Object.entries(this.playback.stats.texts())) {
      this.find(`[data-stat=${name}]`).textContent = text;
    }
  }

  private setTheatre(isOn: boolean) {
    document.documentElement.classList.toggle("theatre", isOn);
    this.find(".player__theatre").setAttribute("aria-pressed", String(isOn));
  }

  destroy() {
    super.destroy();
    clearInterval(this.statsTimer);
    document.documentElement.classList.remove("theatre");
    this.playback.destroy();
  }
}
