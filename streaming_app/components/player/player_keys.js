// The keys of every player, wherever on the page the focus is, unless someone is typing or on another control.

import { useEffect } from "react";

export const SEEK_SECONDS = 5;
const VOLUME_STEP = 0.05;

/** `more` is what further keys do in this player alone. */
export function usePlayerKeys(video, more) {
  useEffect(() => {
    const onKeyDown = (event) => {
      const action = { ...actions(video.current), ...more }[event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey || isElsewhere(event)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

function actions(video) {
  const togglePlay = () => (video.paused ? video.play().catch(() => {}) : video.pause());
  return {
    " ": togglePlay,
    k: togglePlay,
    m: () => (video.muted = !video.muted),
    f: () => toggleFullscreen(video.closest("media-controller")),
    i: () => (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture?.()),
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
  if (target.isContentEditable || target.closest("input:not([type=range]), textarea, select, [role=menu], [role=listbox], dialog, emoji-picker")) return true;
  if (key === " ") return Boolean(target.closest("button, a, summary, [role=button], media-play-button, media-mute-button"));
  if (key.startsWith("Arrow")) return Boolean(target.closest(".chat__log, media-volume-range, media-time-range, media-rendition-menu, media-playback-rate-menu"));
  return false;
}
