// What the viewer set for all chats in this browser: who is muted, and whether messages show their time.

import { useMemo, useSyncExternalStore } from "react";

type Preferences = { muted: string[]; times: boolean };

const KEY = "chat";

let unstored = ""; // used where the browser keeps nothing, until the page is closed

/** The preferences. All open tabs of this browser share them. */
export function usePreferences(): Preferences {
  const text = useSyncExternalStore(subscribe, read, () => "");
  return useMemo(() => parse(text), [text]);
}

/** Changes some preferences and keeps them. */
export function setPreferences(change: Partial<Preferences>) {
  unstored = JSON.stringify({ ...parse(read()), ...change });
  try {
    localStorage.setItem(KEY, unstored);
  } catch {} // the browser keeps nothing
  window.dispatchEvent(new Event("storage")); // which a browser sends to other tabs only
}

export function mute(name: string) {
  setPreferences({ muted: [...parse(read()).muted.filter((other) => other !== name), name] });
}

export function unmute(name: string) {
  setPreferences({ muted: parse(read()).muted.filter((other) => other !== name) });
}

function read(): string {
  try {
    return localStorage.getItem(KEY) ?? unstored;
  } catch {
    return unstored;
  }
}

/** Anything can be stored under the key, by an older version or by hand. */
function parse(text: string): Preferences {
  try {
    const { muted, times } = JSON.parse(text);
    return {
      muted: Array.isArray(muted) ? muted.filter((name) => typeof name === "string") : [],
      times: times === true,
    };
  } catch {
    return { muted: [], times: false };
  }
}

function subscribe(listener: () => void) {
  window.addEventListener("storage", listener);
  return () => window.removeEventListener("storage", listener);
}
