// The chat's state in the browser: what is open, and the viewer's preferences. Python uses it by browser_state.py.

import { create } from "zustand";
import type { Line } from "../feed/feed_lines.ts";

/** The fields are documented in `UiState` of browser_state.py. */
export type UiState = {
  menu: boolean;
  panel: string;
  opened: Line | null;
  question: { kind: string; name: string } | null;
  reply: Line | null;
  mention: { name: string } | null;
  jump: { id?: string } | null;
  search: string;
  pin_is_open: boolean;
};

const messages = { opened: null, question: null, reply: null, mention: null, jump: null };
const INITIAL: UiState = { menu: false, panel: "", search: "", pin_is_open: false, ...messages };

export const useUiState = create<UiState>(() => INITIAL);

/** Changes some fields. */
export const setUiState = (change: Partial<UiState>) => useUiState.setState(change);

export const searchChatters = (search: string) => setUiState({ search });

/** Resets all fields when the viewer leaves the chat. */
export const resetUiState = () => setUiState(INITIAL);

/** The viewer's preferences for all chats, shared with the other tabs of this browser. */
type Preferences = { muted: readonly string[]; times: boolean };

const KEY = "chat"; // in the browser's local storage

export const usePreferences = create<Preferences>(readPreferences);
usePreferences.subscribe(storePreferences);
globalThis.addEventListener?.("storage", () => usePreferences.setState(readPreferences())); // another tab has changed them

export const setPreferences = (change: Partial<Preferences>) => usePreferences.setState(change);

export const mute = (name: string) => usePreferences.setState(({ muted }) => ({ muted: [...muted, name] }));

export const unmute = (name: string) =>
  usePreferences.setState(({ muted }) => ({ muted: muted.filter((other) => other !== name) }));

/** The stored preferences. An older version or a user may have stored an invalid text, and a browser may block storage. */
function readPreferences(): Preferences {
  try {
    const { muted, times } = JSON.parse(localStorage.getItem(KEY) ?? "");
    const names = Array.isArray(muted) ? muted.filter((name) => typeof name === "string") : [];
    return { muted: names, times: times === true };
  } catch {
    return { muted: [], times: false };
  }
}

function storePreferences(preferences: Preferences) {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {} // the browser blocks storage: the preferences last until the page is closed
}
