// The viewer's preferences for all chats in this browser: the muted chatters, and whether messages show their time.

import { useMemo, useSyncExternalStore } from "react";

type Preferences = { muted: string[]; times: boolean };

const KEY = "chat";

let unstored = ""; // used until the page is closed, if the browser blocks storage

/** The preferences. All open tabs of this browser share them. */
export function usePreferences(): Preferences {
  const text = useSyncExternalStore(subscribe, read, () => "");
  return useMemo(() => parse(text), [text]);
}

/** Changes some preferences and stores them. */
export function setPreferences(change: Partial<Preferences>) {
  unstored = JSON.stringify({ ...parse(read()), ...change });
  try {
    localStorage.setItem(KEY, unstored);
  } catch {} // the browser blocks storage
  window.dispatchEvent(new Event("storage")); // the browser itself sends this event to other tabs only
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

/** Parses stored preferences. The stored text may be invalid: an older version or a user may have written it. */
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
