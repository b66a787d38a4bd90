// The player as people see it: controls, what covers the picture while there is none, and the keys.

import { createElement as h, useEffect, useRef, useState } from "react";
import "./player_words.js";
import "media-chrome/media-controller";
import "media-chrome/media-control-bar";
import "media-chrome/media-play-button";
import "media-chrome/media-mute-button";
import "media-chrome/media-volume-range";
import "media-chrome/media-loading-indicator";
import "media-chrome/media-pip-button";
import "media-chrome/media-fullscreen-button";
// The menus make their items of this element, but do not import it.
import "media-chrome/dist/menu/media-chrome-menu-item";
import "media-chrome/dist/menu/media-rendition-menu";
import "media-chrome/dist/menu/media-rendition-menu-button";
import { KeysButton, KeysPanel } from "./keys_panel.js";
import { LivePlayback } from "./live_playback.js";
import { useMediaSession } from "./media_session.js";
import { SEEK_SECONDS, focusPlayer, usePlayerKeys } from "./player_keys.js";
import { LiveButton, SeekBar, usePosition } from "./seek_bar.js";
import { StatsOverlay } from "./stats_overlay.js";

export function LivePlayer(props) {
  const { src, lowLatency, streamState, poster, title, quiet, own, endedAt, recording } = useKnown(props);
  const video = useRef(null);
  const still = useRef(null);
  const playback = useRef(null);
  const place = useRef(null);
  const [phase, setPhase] = useState("idle");
  const [theatre, toggleTheatre] = useTheatre();
  const [panel, setPanel] = useState(""); // "", "stats" or "keys"
  const panelButtons = { stats: useRef(null), keys: useRef(null) };

  useEffect(() => {
    playback.current = new LivePlayback(video.current, setPhase, (shown) => keepStill(still.current, shown));
    place.current = playback.current.place;
    return () => playback.current.destroy();
  }, []);
  useEffect(() => {
    if (src) playback.current.update(window.frontDoor(src), lowLatency && window.frontDoor(lowLatency), streamState);
  }, [src, lowLatency, streamState]);
  const [muted, unmute] = useAutoplay(video, playback, quiet);
  const qualities = useQualities(video);
  const position = usePosition(place);
  const audioOnly = useAudioOnly(video) && phase === "playing";
  const toggle = (name) => setPanel((shown) => (shown === name ? "" : name));
  const closePanel = () => {
    if (document.activeElement?.closest(".player__panel")) panelButtons[panel].current.focus();
    setPanel("");
  };
  const retry = () => {
    focusPlayer(video);
    playback.current.start();
  };
  useMediaSession(title, poster);
  usePlayerKeys(video, {
    t: () => document.fullscreenElement || toggleTheatre(),
    s: () => toggle("stats"),
    "?": () => toggle("keys"),
    l: () => place.current.toLive(),
    ArrowLeft: () => place.current.seekBy(-SEEK_SECONDS),
    ArrowRight: () => place.current.seekBy(SEEK_SECONDS),
  });

  return h(
    "div",
    { className: "player", "data-state": streamState, "data-phase": phase, role: "region", "aria-label": title ? `Video: ${title}` : "Video" },
    ((phase !== "playing" && phase !== "stalled") || audioOnly) && h(Backdrop, { poster: audioOnly ? "" : poster }),
    audioOnly && h(Message, { title: "Audio only", text: "This stream has no video right now." }),
    h("canvas", { ref: still, className: "player__still", hidden: !["loading", "empty", "trouble"].includes(phase), "aria-hidden": true }),
    h(
      "media-controller",
      // nomutedpref: else what was preferred on a watch page could turn the sound on here, whichever comes last.
      { nohotkeys: "", nomutedpref: quiet ? "" : undefined, defaultstreamtype: "live", gesturesdisabled: phase === "idle" ? "" : undefined },
      h("live-video", { ref: video, slot: "media", playsinline: "", crossorigin: "anonymous", "aria-label": title }),
      h("media-loading-indicator", { slot: "centered-chrome", noautohide: "" }),
      h("media-rendition-menu", { hidden: true, anchor: "auto", "aria-label": "Quality" }),
      panel === "stats" && h(StatsOverlay, { stats: playback.current.stats, onClose: closePanel }),
      panel === "keys" && h(KeysPanel, { isLive: true, onClose: closePanel }),
      h(
        "div",
        { className: "player__controls" },
        h(SeekBar, { place: place.current, position }),
        h(
          "media-control-bar",
          null,
          h("media-play-button"),
          h("media-mute-button"),
          h("media-volume-range", { mediavolume: 1 }),
          h(LiveButton, { place: place.current, position, onBack: () => focusPlayer(video) }),
          h("span", { className: "player__gap" }),
          qualities > 1 && h("media-rendition-menu-button"),
          h("button", {
            ref: panelButtons.stats, type: "button", className: "player__button player__stats-button", onClick: () => toggle("stats"), "aria-pressed": panel === "stats",
            "aria-label": "Statistics", title: "Statistics (s)",
          }, icon("M4 20V11M10 20V4M16 20v-7M22 20V8")),
          h(KeysButton, { buttonRef: panelButtons.keys, isShown: panel === "keys", onClick: () => toggle("keys") }),
          h("media-pip-button"),
          h("button", {
            type: "button", className: "player__button player__theatre", onClick: toggleTheatre, "aria-pressed": theatre,
            "aria-label": theatre ? "Leave theatre mode" : "Theatre mode", title: theatre ? "Leave theatre mode (t)" : "Theatre mode (t)",
          }, icon("M3 6.500h18v11H3z")),
          h("media-fullscreen-button"),
        ),
      ),
    ),
    muted && !quiet && phase === "playing" &&
      h("button", { type: "button", className: "player__unmute", onClick: unmute },
        icon("M4 9.500v5h3.500L12 18.500v-13L7.500 9.500ZM16 9.500l5 5M21 9.500l-5 5"), isTouch() ? "Unmute" : "Unmute"),
    h(Cover, { phase, streamState, own, wasSeenLive: useWasLive(streamState), endedAt, recording, onRetry: retry }),
  );
}

function Backdrop({ poster }) {
  const [failed, setFailed] = useState("");
  const [openedAt] = useState(() => Date.now()); // a picture that this page has shown before may be an older one
  const url = poster && `${window.frontDoor(poster)}?t=${openedAt}`;
  return url && failed !== url
    ? h("img", { className: "player__poster", src: url, alt: "", onError: () => setFailed(url) })
    : h("div", { className: "player__art art" });
}

/** The props, or the last that said anything: a page whose state is being made anew goes on playing. */
function useKnown(props) {
  const known = useRef(null);
  known.current ??= { ...props, ...saidByDocument() };
  if (props.src) known.current = props;
  return known.current;
}

/** What the document said of the video, once: the page's state says the same, some hundred milliseconds later. */
function saidByDocument() {
  const { path, playlists } = window.liveAtFirst ?? {};
  delete window.liveAtFirst;
  if (path !== window.location.pathname) return {};
  const [src, lowLatency = ""] = playlists;
  return { src, lowLatency, streamState: "live" };
}

/** Whether the stream was on the air at some time since the page was opened. */
function useWasLive(streamState) {
  const wasLive = useRef(false);
  if (streamState === "live" || streamState === "reconnecting") wasLive.current = true;
  return wasLive.current;
}

function Cover({ phase, streamState, own, wasSeenLive, endedAt, recording, onRetry }) {
  if (!streamState) return null;
  if (own && streamState === "reconnecting" && phase !== "playing")
    return h(Message, { dim: true, title: "No video from your encoder", text: "Viewers are waiting. Start your encoder again to continue the same stream.", mark: "pulse" });
  if (own && phase === "idle")
    return h(Message, { title: "You are offline", text: "Your preview appears here when your encoder starts." });
  if (streamState === "reconnecting" && phase !== "playing")
    return h(Message, { dim: true, title: "Connection lost", text: "Waiting for the streamer to reconnect…", mark: "pulse" });
  if (streamState === "offline" && endedAt && wasSeenLive)
    return h(Message, { title: "Stream ended", text: recording ? "" : "This page will start playing when the next one begins." },
      recording && h("a", { className: "player__retry", href: recording }, "Watch the recording"));
  if (phase === "idle")
    return h(Message, { title: "Offline", text: "This page will start playing when the stream begins." });
  if (phase === "empty")
    return h(Message, { dim: true, title: "Waiting for the stream", text: "Playback starts automatically. If this takes long, the encoder is not sending keyframes.", mark: "pulse" });
  if (phase === "trouble")
    return h(Message, { dim: true, title: "The video isn’t coming through", text: "Trying again. If this takes long, check your internet connection.", mark: "pulse" },
      h("button", { type: "button", className: "player__retry", onClick: onRetry }, "Try now"));
  return null;
}

function Message({ dim, title, text, mark, children }) {
  return h(
    "div",
    { className: `player__cover ${dim ? "player__cover--dim" : ""}`, role: "status" },
    h("svg", { className: "player__mark", viewBox: "0 0 32 32", "aria-hidden": true },
      h("path", { d: "M7 4.900v14.200c0 1.400 1.500 2.300 2.700 1.600l12.500-7.100c1.200-.7 1.200-2.500 0-3.200L9.700 3.300C8.500 2.600 7 3.500 7 4.900Z", fill: "currentColor" }),
      h("rect", { x: 7, y: 25, width: 18, height: 4.5, rx: 2.25, fill: mark === "pulse" ? "oklch(0.72 0.18 35)" : "oklch(0.6 0 0)", className: mark === "pulse" ? "player__pulse" : undefined })),
    h("p", { className: "player__title" }, title),
    text && h("p", { className: "player__text" }, text),
    children,
  );
}

/** Keeps the picture that is shown, for the moment in which the video behind it is exchanged. */
function keepStill(canvas, video) {
  if (!video.videoWidth || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video.nativeEl, 0, 0);
}

/** Browsers start sound only after a gesture: play muted then, and offer the sound. */
function useAutoplay(video, playback, quiet) {
  const [muted, setMuted] = useState(Boolean(quiet));
  useEffect(() => {
    const element = video.current;
    if (quiet) element.muted = true;
    const play = async () => {
      if (playback.current.isHeld) return;
      try {
        await element.play();
      } catch (refused) {
        if (refused.name !== "NotAllowedError") return;
        element.muted = true;
        setMuted(true);
        await element.play().catch(() => {});
      }
    };
    const onVolume = () => element.muted || setMuted(false);
    element.addEventListener("loadedmetadata", play);
    element.addEventListener("volumechange", onVolume);
    return () => {
      element.removeEventListener("loadedmetadata", play);
      element.removeEventListener("volumechange", onVolume);
    };
  }, []);
  const unmute = () => {
    focusPlayer(video);
    video.current.muted = false;
    if (video.current.volume === 0) video.current.volume = 0.7;
    setMuted(false);
  };
  return [muted, unmute];
}

const isTouch = () => matchMedia("(pointer: coarse)").matches;

/** Whether what plays has no picture. */
function useAudioOnly(video) {
  const [audioOnly, setAudioOnly] = useState(false);
  useEffect(() => {
    const element = video.current;
    const look = () => setAudioOnly(element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !element.videoWidth);
    const events = ["loadeddata", "playing", "resize", "emptied"];
    for (const name of events) element.addEventListener(name, look);
    return () => events.forEach((name) => element.removeEventListener(name, look));
  }, []);
  return audioOnly;
}

function useQualities(video) {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const renditions = video.current.videoRenditions;
    const recount = () => setCount(renditions.length);
    renditions.addEventListener("addrendition", recount);
    renditions.addEventListener("removerendition", recount);
    return () => {
      renditions.removeEventListener("addrendition", recount);
      renditions.removeEventListener("removerendition", recount);
    };
  }, []);
  return count;
}

function useTheatre() {
  const [theatre, setTheatre] = useState(false);
  useEffect(() => {
    document.documentElement.classList.toggle("theatre", theatre);
    return () => document.documentElement.classList.remove("theatre");
  }, [theatre]);
  return [theatre, () => setTheatre((on) => !on)];
}

function icon(d) {
  return h("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 2, strokeLinecap: "round", strokeLinejoin: "round", "aria-hidden": true }, h("path", { d }));
}
