// What one person keeps in this browser about chat: whom they do not want to read, and whether lines have times.

import { useSyncExternalStore } from "react";

const KEY = "chat";

const listeners = new Set();
let kept = read();

function read() {
  try {
    const { muted, times } = JSON.parse(localStorage.getItem(KEY)) ?? {};
    return { muted: Array.isArray(muted) ? muted.filter((name) => typeof name === "string") : [], times: times === true };
  } catch {
    return { muted: [], times: false }; // nothing kept, or a browser that keeps nothing
  }
}

export function keep(change) {
  kept = { ...kept, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // it holds until the page is closed
  }
  tell();
}

export function mute(name) {
  keep({ muted: [...kept.muted.filter((other) => other !== name), name] });
}

export function unmute(name) {
  keep({ muted: kept.muted.filter((other) => other !== name) });
}

function tell() {
  for (const listener of listeners) listener();
}

function subscribe(listener) {
  if (!listeners.size) window.addEventListener("storage", fromOtherTab);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (!listeners.size) window.removeEventListener("storage", fromOtherTab);
  };
}

function fromOtherTab({ key }) {
  if (key !== KEY) return;
  kept = read();
  tell();
}

/** {muted: names, times: whether lines have them}. */
export function useKept() {
  return useSyncExternalStore(subscribe, () => kept, () => kept);
}
