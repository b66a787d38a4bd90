// The player of a live stream. Python renders its elements (live_player.py); this module controls them.

import { useEffect, useRef, useState } from "react";
import type { StreamState } from "../generated.ts";
import type { HlsVideo } from "./hls_video.ts";
import { LivePlayback, type Phase } from "./live_playback.ts";
import { statistics } from "./live_stats.ts";
import { PlaybackReports } from "./playback_reports.ts";
import { type PlayerControls, type PlayerProps, usePlayer } from "./player_controls.ts";
import { keepOpen } from "./quality_menu.ts";
import { seekBar } from "./seek_bar.ts";

const UPDATE_MS = 500;
const SEEK_SECONDS = 5;

type Props = PlayerProps & {
  src: string;
  lowLatency: string;
  realtime: string;
  reports: boolean;
  streamState: StreamState | "";
};

/** Shows the stream of a channel. Another channel gets a new player. */
export function LivePlayer(props: Props) {
  const known = useKnown(props);
  return <ChannelPlayer key={known.src} {...known} />;
}

function ChannelPlayer(props: Props) {
  const { src, lowLatency, realtime, streamState } = props;
  const [phase, setPhase] = useState<Phase>("");
  const cover = streamState === "reconnecting" && phase !== "playing" ? streamState : phase;
  const [section, playback] = usePlayer(props, (controls) => connect(controls, setPhase, props.reports));
  useEffect(() => {
    const url = (path: string) => path && window.frontDoor(path);
    const sources = { realtime: url(realtime), low: url(lowLatency), plain: url(src) };
    if (src && streamState) playback.current?.update(sources, streamState);
  }, [src, lowLatency, realtime, streamState]);
  return <section {...section} className="player" data-state={streamState} data-phase={phase} data-cover={cover} />;
}

/** Starts playback, and gives the keys and buttons of a live stream their functions. */
function connect(controls: PlayerControls, onPhase: (phase: Phase) => void, isReporting: boolean): LivePlayback {
  const { actions, root, video } = controls;
  const playback = new LivePlayback(video, onPhase, () => keepStill(video, controls.find(".player__still")));
  const { dvr } = playback;
  const drawPosition = seekBar(controls, dvr);
  keepOpen(controls.find("media-rendition-menu"));
  const reports = new PlaybackReports();
  const texts = statistics(playback);
  controls.listen(video, "play pause seeking timeupdate", drawPosition);
  const timer = setInterval(() => {
    playback.watch();
    if (isReporting) reports.send(playback.report(), playback.sources.plain);
    drawPosition();
    for (const [name, text] of Object.entries(texts())) {
      controls.find(`[data-stat=${name}]`).textContent = text;
    }
  }, UPDATE_MS);
  actions.ArrowLeft = () => dvr.seekBy(-SEEK_SECONDS);
  actions.ArrowRight = () => dvr.seekBy(SEEK_SECONDS);
  Object.assign(actions, {
    t: () => {
      const button = controls.find(".player__theatre"); // pages.css lays the page out by its state
      if (!document.fullscreenElement) button.ariaPressed = String(button.ariaPressed !== "true");
    },
    s: () => controls.togglePanel("s"),
    l: () => dvr.toLive(),
    retry: () => playback.start(),
    unmute: () => controls.find("media-mute-button").click(),
  });
  controls.listen(video, "loadedmetadata", async () => {
    if (playback.isHeld || (await playback.play())) return;
    // Browsers that require a user gesture for sound play without it. A button turns the sound on.
    video.muted = true;
    root.toggleAttribute("data-autoplay-muted", true);
    video.play().catch(() => {});
  });
  controls.listen(video, "loadeddata playing resize emptied", () => {
    const hasMedia = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    root.toggleAttribute("data-audio-only", hasMedia && !video.videoWidth);
  });
  controls.listen(video, "volumechange", () => video.muted || root.removeAttribute("data-autoplay-muted"));
  controls.leaving.signal.addEventListener("abort", () => {
    clearInterval(timer);
    playback.destroy();
  });
  return playback;
}

/** Returns the props, or the last with a source: playback continues while the page's state is created again. */
function useKnown(props: Props): Props {
  const known = useRef<Props>(null);
  known.current ??= { ...props, ...saidByDocument() };
  if (props.src) known.current = props;
  return known.current;
}

/** Returns, once, the sources in the document's head. The page's state has the same sources, but arrives some 100 ms later. */
function saidByDocument(): Partial<Props> {
  const { path, sources = [] } = window.liveAtFirst ?? {};
  delete window.liveAtFirst;
  const [src = "", lowLatency = "", realtime = ""] = sources;
  return path === window.location.pathname ? { src, lowLatency, realtime, streamState: "live" } : {};
}

/** Keeps the current frame on a canvas while the video behind it is replaced. */
function keepStill(video: HlsVideo, canvas: HTMLCanvasElement) {
  if (!video.videoWidth || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
  Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d")?.drawImage(video.nativeEl, 0, 0);
}
