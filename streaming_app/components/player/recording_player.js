// The player of a recording: everything that was live, to be seen from any instant on, at any speed.

import { createElement as h, useEffect, useRef, useState } from "react";
import "./player_words.js";
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
import "media-chrome/dist/menu/media-chrome-menu-item"; // the menu does not import what it is made of
import "media-chrome/dist/menu/media-playback-rate-menu";
import "media-chrome/dist/menu/media-playback-rate-menu-button";
import { Hls, HlsVideoElement } from "hls-video-element";
import { KeysButton, KeysPanel } from "./keys_panel.js";
import { useMediaSession } from "./media_session.js";
import { SEEK_SECONDS, focusPlayer, usePlayerKeys } from "./player_keys.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const SKIP_SECONDS = 10;
const RETRIES = 3;
const RETRY_MS = 2000;
const HLS_CONFIG = { startPosition: 0, liveDurationInfinity: false, maxBufferLength: 30, backBufferLength: 60 };

class RecordedVideoElement extends HlsVideoElement {
  async load() {
    await super.load();
    this.dispatchEvent(new Event("hlsready"));
  }
}
if (!customElements.get("recorded-video")) customElements.define("recorded-video", RecordedVideoElement);

export function RecordingPlayer({ src, poster, title }) {
  const video = useRef(null);
  const url = src && window.frontDoor(src);
  const [failed, retry] = useRecovery(video, url);
  const [hasBegun, isWaiting] = useStart(video);
  const [missing, setMissing] = useState(false);
  usePlayhead(video);
  const [showsKeys, setShowsKeys] = useState(false);
  const keysButton = useRef(null);
  const toggleKeys = () => setShowsKeys((shown) => !shown);
  const closeKeys = () => {
    if (document.activeElement?.closest(".player__panel")) keysButton.current.focus();
    setShowsKeys(false);
  };
  const play = () => {
    focusPlayer(video);
    video.current.play();
  };
  usePlayerKeys(video, { ...seekKeys(video), "?": toggleKeys });
  useMediaSession(title, poster);

  return h(
    "div",
    { className: "player player--recording", "data-phase": failed ? "trouble" : hasBegun ? "playing" : "loading", role: "region", "aria-label": title ? `Video: ${title}` : "Video" },
    !hasBegun && (poster && !missing
      ? h("img", { className: "player__poster", src: window.frontDoor(poster), alt: "", onError: () => setMissing(true) })
      : h("div", { className: "player__art art" })),
    h(
      "media-controller",
      { nohotkeys: "", defaultstreamtype: "on-demand" },
      h("recorded-video", { ref: video, slot: "media", playsinline: "", crossorigin: "anonymous", "aria-label": title }),
      h("media-loading-indicator", { slot: "centered-chrome", noautohide: "" }),
      h("media-playback-rate-menu", { hidden: true, anchor: "auto", rates: SPEEDS.join(" "), "aria-label": "Speed" }),
      showsKeys && h(KeysPanel, { onClose: closeKeys }),
      h("media-control-bar", { className: "player__timeline" }, h("media-time-range", null, h("media-preview-time-display", { slot: "preview" }))),
      h(
        "media-control-bar",
        null,
        h("media-play-button"),
        h("media-seek-backward-button", { seekoffset: SKIP_SECONDS }),
        h("media-seek-forward-button", { seekoffset: SKIP_SECONDS }),
        h("media-mute-button"),
        h("media-volume-range", { mediavolume: 1 }),
        h("media-time-display", { showduration: "", notoggle: "" }),
        h("span", { className: "player__gap" }),
        h("media-playback-rate-menu-button"),
        h(KeysButton, { buttonRef: keysButton, isShown: showsKeys, onClick: toggleKeys }),
        h("media-pip-button"),
        h("media-fullscreen-button"),
      ),
    ),
    isWaiting &&
      h("button", { type: "button", className: "player__play", "aria-label": "Play", onClick: play },
        h("svg", { viewBox: "0 0 24 24", fill: "currentColor", "aria-hidden": true }, h("path", { d: "M6 4.500v15c0 .9 1 1.400 1.700.9l11.500-7.500c.7-.4.7-1.400 0-1.800L7.700 3.600C7 3.100 6 3.600 6 4.500Z" }))),
    failed &&
      h("div", { className: "player__cover player__cover--dim", role: "status" },
        h("p", { className: "player__title" }, "The video isn’t coming through"),
        h("p", { className: "player__text" }, "The recording may have been deleted, or your connection is down."),
        h("button", { type: "button", className: "player__retry", onClick: retry }, "Try again")),
  );
}

/** Loads `url`, and again after errors, going on where it was. */
function useRecovery(video, url) {
  const [failed, setFailed] = useState(false);
  const attempts = useRef(0);
  const start = () => {
    const element = video.current;
    const at = element.currentTime || 0;
    element.config = { ...HLS_CONFIG, startPosition: at };
    element.src = "";
    element.src = url;
    setFailed(false);
  };
  useEffect(() => {
    if (!url) return undefined;
    const element = video.current;
    let timer = 0;
    const onError = (_, error) => {
      if (!error.fatal) return;
      if (error.type === Hls.ErrorTypes.MEDIA_ERROR && attempts.current === 0) {
        attempts.current = 1;
        element.api.recoverMediaError();
      } else if (attempts.current++ < RETRIES) {
        clearTimeout(timer);
        timer = setTimeout(start, RETRY_MS);
      } else {
        setFailed(true);
      }
    };
    const onReady = () => element.api?.on(Hls.Events.ERROR, onError);
    const onProgress = () => (attempts.current = 0);
    element.addEventListener("hlsready", onReady);
    element.addEventListener("timeupdate", onProgress);
    element.config = HLS_CONFIG;
    element.src = url;
    return () => {
      clearTimeout(timer);
      element.removeEventListener("hlsready", onReady);
      element.removeEventListener("timeupdate", onProgress);
      element.src = "";
    };
  }, [url]);
  const retry = () => {
    focusPlayer(video);
    attempts.current = 0;
    start();
  };
  return [failed, retry];
}

/** Plays at once where the browser allows that; whether there is a picture, and whether it waits for a click. */
function useStart(video) {
  const [hasBegun, setBegun] = useState(false);
  const [isWaiting, setWaiting] = useState(false);
  useEffect(() => {
    const element = video.current;
    const listeners = {
      loadeddata: () => setBegun(true),
      loadedmetadata: () => element.play().catch(({ name }) => setWaiting(name === "NotAllowedError")),
      play: () => setWaiting(false),
    };
    for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener);
    return () => Object.entries(listeners).forEach(([name, listener]) => element.removeEventListener(name, listener));
  }, []);
  return [hasBegun, isWaiting];
}

/** Tells the page which instant is on the screen: `playhead`, with `detail.at` in milliseconds since 1970. */
function usePlayhead(video) {
  useEffect(() => {
    const element = video.current;
    const say = () => {
      const at = instantOf(element);
      if (at) document.dispatchEvent(new CustomEvent("playhead", { detail: { at, seeking: element.seeking } }));
    };
    const events = ["timeupdate", "seeking", "seeked", "loadeddata"];
    for (const name of events) element.addEventListener(name, say);
    return () => events.forEach((name) => element.removeEventListener(name, say));
  }, []);
}

/** A recording may have gaps, so the instant is not the start and the time played: each segment knows its own. */
function instantOf(element) {
  const time = element.currentTime;
  const { api } = element;
  const fragments = api?.levels[Math.max(0, api.currentLevel)]?.details?.fragments;
  if (fragments?.length) {
    let low = 0;
    let high = fragments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (fragments[middle].start <= time) low = middle;
      else high = middle - 1;
    }
    const { start, programDateTime } = fragments[low];
    return programDateTime ? programDateTime + (time - start) * 1000 : 0;
  }
  const began = element.nativeEl?.getStartDate?.().getTime();
  return began ? began + time * 1000 : 0;
}

/** Beyond the keys of every player: 0 to 9 for tenths, j and l for ten seconds, < and > for the speed. */
function seekKeys(video) {
  const seekBy = (seconds) => () => (video.current.currentTime += seconds);
  const changeSpeed = (steps) => () => {
    const element = video.current;
    element.playbackRate = SPEEDS[Math.max(0, SPEEDS.indexOf(element.playbackRate) + steps)] ?? element.playbackRate;
  };
  const toTenth = (tenth) => () => {
    const { duration } = video.current;
    if (duration) video.current.currentTime = (duration * tenth) / 10;
  };
  return {
    ArrowLeft: seekBy(-SEEK_SECONDS),
    ArrowRight: seekBy(SEEK_SECONDS),
    j: seekBy(-SKIP_SECONDS),
    l: seekBy(SKIP_SECONDS),
    "<": changeSpeed(-1),
    ">": changeSpeed(1),
    ...Object.fromEntries(Array.from({ length: 10 }, (_, digit) => [String(digit), toTenth(digit)])),
  };
}
