// What the viewer set for all chats in this browser: who is muted, and whether messages show their time.

import { useSyncExternalStore } from "react";

type Preferences = { muted: string[]; times: boolean };

const KEY = "chat";

const listeners = new Set<() => void>();
let preferences = read();

/** The preferences; all open tabs of this browser share them. */
export function usePreferences(): Preferences {
  return useSyncExternalStore(
    subscribe,
    () => preferences,
    () => preferences,
  );
}

/** Changes some preferences and keeps them. */
export function setPreferences(change: Partial<Preferences>) {
  preferences = { ...preferences, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // The browser keeps nothing: they last until the page is closed.
  }
  for (const listener of listeners) listener();
}

export function mute(name: string) {
  setPreferences({ muted: [...preferences.muted.filter((other) => other !== name), name] });
}

export function unmute(name: string) {
  setPreferences({ muted: preferences.muted.filter((other) => other !== name) });
}

function read(): Preferences {
  try {
    const { muted, times } = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return {
      muted: Array.isArray(muted) ? muted.filter((name) => typeof name === "string") : [],
      times: times === true,
    };
  } catch {
    return { muted: [], times: false };
  }
}

function subscribe(listener: () => void) {
  const onStorage = ({ key }: StorageEvent) => {
    if (key !== KEY) return;
    preferences = read();
    listener();
  };
  window.addEventListener("storage", onStorage);
  listeners.add(listener);
  return () => {
    window.removeEventListener("storage", onStorage);
    listeners.delete(listener);
  };
}
