// The player of a live stream. Python renders its elements (live_player.py); this module controls them.

import { type ReactNode, useEffect, useRef, useState } from "react";
import "media-chrome/media-controller";
import "media-chrome/media-control-bar";
import "media-chrome/media-play-button";
import "media-chrome/media-mute-button";
import "media-chrome/media-volume-range";
import "media-chrome/media-loading-indicator";
import "media-chrome/media-pip-button";
import "media-chrome/media-fullscreen-button";
// The menus create this element, but do not import it.
import "media-chrome/dist/menu/media-chrome-menu-item";
import "media-chrome/dist/menu/media-rendition-menu";
import "media-chrome/dist/menu/media-rendition-menu-button";
import { addTranslation } from "media-chrome/utils/i18n";
import type { StreamState } from "../generated.ts";
import { LivePlayback } from "./live_playback.ts";
import type { LiveVideoElement } from "./live_video.ts";
import type { Phase } from "./phase.ts";
import { PlayerShell, SEEK_SECONDS } from "./player_shell.ts";
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

class LiveControls extends PlayerShell<LiveVideoElement> {
  private playback: LivePlayback;
  private stream: Stream | null = null;
  private wasLive = false; // at some time since the page was opened
  private isMuted: boolean; // because the browser allows no sound before a gesture
  private stats = this.find(".player__stats dl");
  private statsTimer = 0;

  constructor(
    root: HTMLElement,
    private quiet: boolean,
  ) {
    super(root, "live-video");
    const { video } = this;
    this.isMuted = quiet;
    if (quiet) video.muted = true;
    this.playback = new LivePlayback(
      video,
      () => this.draw(),
      () => this.keepStill(),
    );
    const { place } = this.playback;
    place.onChange = seekBar(root, place);
    Object.assign(this.actions, {
      t: () => document.fullscreenElement || this.setTheatre(!document.documentElement.classList.contains("theatre")),
      s: () => this.toggleStats(),
      l: () => place.toLive(),
      ArrowLeft: () => place.seekBy(-SEEK_SECONDS),
      ArrowRight: () => place.seekBy(SEEK_SECONDS),
      retry: () => this.playback.start(),
      unmute: () => this.unmute(),
    });
    this.listen(video, "loadedmetadata", () => this.autoplay());
    this.listen(video, "volumechange loadeddata playing resize emptied", () => this.draw());
    this.listen(video.videoRenditions, "addrendition removerendition", () => this.drawQualities());
    this.drawQualities();
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

  /** Updates all elements that depend on the phase. */
  private draw() {
    const { phase } = this.playback;
    const { video } = this;
    const hasPicture = phase === "playing" || phase === "stalled";
    const isLoaded = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    const isAudioOnly = phase === "playing" && isLoaded && !video.videoWidth;
    if (!video.muted) this.isMuted = false;
    this.root.dataset.phase = phase;
    this.root.toggleAttribute("data-audio-only", isAudioOnly);
    const backdrop = this.find(".player__backdrop");
    const wasHidden = backdrop.hidden;
    backdrop.hidden = hasPicture && !isAudioOnly;
    if (wasHidden && !backdrop.hidden) this.showPoster(this.stream?.poster ?? ""); // another than before playback
    this.find(".player__still").hidden = !["loading", "empty", "trouble"].includes(phase);
    this.find(".player__unmute").hidden = !this.isMuted || this.quiet || phase !== "playing";
    this.find("media-controller").toggleAttribute("gesturesdisabled", phase === "idle");
    this.showCover(isAudioOnly ? "audio" : this.cover(phase));
  }

  private cover(phase: Phase): string {
    const { streamState, endedAt } = this.stream ?? {};
    if (!streamState) return "";
    if (streamState === "reconnecting" && phase !== "playing") return "reconnecting";
    if (streamState === "offline" && endedAt && this.wasLive) return "ended";
    return phase;
  }

  private drawQualities() {
    this.find("media-rendition-menu-button").hidden = this.video.videoRenditions.length < 2;
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
      this.isMuted = video.muted = true;
      await video.play().catch(() => {});
    }
  }

  private unmute() {
    const { video } = this;
    video.muted = false;
    if (video.volume === 0) video.volume = 0.7;
    this.draw();
  }

  private toggleStats() {
    this.togglePanel("s");
    clearInterval(this.statsTimer);
    this.drawStats();
    this.statsTimer = window.setInterval(() => this.drawStats(), STATS_MS);
  }

  private drawStats() {
    if (!this.stats.checkVisibility()) return clearInterval(this.statsTimer);
    const rows = this.playback.stats.rows().map(([name, value, id]) => {
      const row = document.createElement("div");
      row.append(document.createElement("dt"), document.createElement("dd"));
      const [term, detail] = row.children as HTMLCollectionOf<HTMLElement>;
      term.textContent = name;
      detail.textContent = value;
      detail.dataset.stat = id;
      return row;
    });
    this.stats.replaceChildren(...rows);
  }

  private setTheatre(isOn: boolean) {
    document.documentElement.classList.toggle("theatre", isOn);
    const button = this.find(".player__theatre");
    button.setAttribute("aria-pressed", String(isOn));
    button.ariaLabel = isOn ? "Leave theatre mode" : "Theatre mode";
    button.title = `${button.ariaLabel} (t)`;
  }

  destroy() {
    super.destroy();
    clearInterval(this.statsTimer);
    document.documentElement.classList.remove("theatre");
    this.playback.destroy();
  }
}
