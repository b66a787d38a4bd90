// The keys of the player, wherever on the page the focus is, unless someone is typing or on another control.

import { useEffect } from "react";

const SEEK_SECONDS = 5;
const VOLUME_STEP = 0.05;

export function usePlayerKeys(video, place, toggles) {
  useEffect(() => {
    const onKeyDown = (event) => {
      const action = actions(video.current, place.current, toggles)[event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey || isElsewhere(event)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

function actions(video, place, { toggleTheatre, toggleStats }) {
  const togglePlay = () => (video.paused ? video.play().catch(() => {}) : video.pause());
  return {
    " ": togglePlay,
    k: togglePlay,
    m: () => (video.muted = !video.muted),
    t: toggleTheatre,
    s: toggleStats,
    l: () => place.toLive(),
    f: () => toggleFullscreen(video.closest("media-controller")),
    i: () => (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture?.()),
    ArrowLeft: () => place.seekBy(-SEEK_SECONDS),
    ArrowRight: () => place.seekBy(SEEK_SECONDS),
    ArrowUp: () => setVolume(video, VOLUME_STEP),
    ArrowDown: () => setVolume(video, -VOLUME_STEP),
  };
}

function toggleFullscreen(controller) {
  if (document.fullscreenElement) document.exitFullscreen();
  else controller.requestFullscreen();
}

function setVolume(video, step) {
  video.volume = Math.min(1, Math.max(0, video.volume + step));
  if (step > 0) video.muted = false;
}

/** Typing, or a control that has its own use for the key. */
function isElsewhere({ key, target }) {
  if (target.isContentEditable || target.closest("input:not([type=range]), textarea, select, [role=menu], [role=listbox]")) return true;
  if (key === " ") return Boolean(target.closest("button, a, summary, [role=button], media-play-button, media-mute-button"));
  if (key.startsWith("Arrow")) return Boolean(target.closest(".chat__log, media-volume-range, media-time-range, media-rendition-menu, media-playback-rate-menu"));
  return false;
}
