// The keys of every player. Space and arrows belong to the page, which scrolls by them, unless the focus is in the player.
// Single characters also work while nothing has the focus, and can be switched off: who speaks to the computer types them.

import { useEffect } from "react";

export const SEEK_SECONDS = 5;
const VOLUME_STEP = 0.05;
const SETTING = "player-character-keys";
const PLAYER = ".player";

/** `more` is what further keys do in this player alone. */
export function usePlayerKeys(video, more) {
  useEffect(() => {
    // media-chrome makes a tab stop of it that does nothing. (-1 would take the buttons in it out of the order too.)
    video.current.closest("media-controller").removeAttribute("tabindex");
    const onKeyDown = (event) => {
      const action = { ...actions(video.current), ...more }[event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey || !isForPlayer(event)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

/** Before a button goes that has the focus: the keys would be the page's from then on. */
export function focusPlayer(video) {
  video.current.focus({ preventScroll: true });
}

export function characterKeysWork() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true; // the browser keeps nothing for this site
  }
}

export function setCharacterKeys(work) {
  try {
    localStorage.setItem(SETTING, work ? "on" : "off");
  } catch {
    // the browser keeps nothing for this site
  }
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

function isForPlayer(event) {
  const { key, target } = event;
  const isInside = Boolean(target.closest(PLAYER) || document.fullscreenElement?.closest(PLAYER));
  const isNowhere = target === document.body || target.id === "main";
  const isCharacter = key.length === 1 && key !== " ";
  if (!isInside && !(isCharacter && isNowhere)) return false;
  if (isCharacter && !characterKeysWork() && !(key === "?" && isInside)) return false;
  return !isOfControl(event);
}

/** Controls inside the player that have a use of their own for the key. */
function isOfControl({ key, target }) {
  if (target.closest("[role=menu]")) return true;
  if (key === " ") return Boolean(target.closest("button, a, [type=checkbox], [role=button]"));
  return key.startsWith("Arrow") && Boolean(target.closest("media-volume-range, media-time-range"));
}
