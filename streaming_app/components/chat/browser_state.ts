// The chat's state in the browser: what is open, and the viewer's preferences. Python uses it by browser_state.py.

import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import type { Line } from "../feed/feed_lines.ts";

export type UiState = typeof INITIAL;

/** The fields are documented in `UiState` of browser_state.py. */
const INITIAL = {
  menu: false,
  panel: "",
  opened: null as Line | null,
  question: null as { kind: string; name: string } | null,
  reply: null as Line | null,
  mention: null as { name: string } | null,
  search: "",
  pin_is_open: false,
};

export const useUiState = create(() => INITIAL);

/** Changes some fields. */
export const setUiState = (change: Partial<UiState>) => useUiState.setState(change);

export const closePanelOnEscape = ({ key }: KeyboardEvent) => key === "Escape" && setUiState({ panel: "" });

/** Resets all fields when the viewer leaves the chat. */
export const resetUiState = () => setUiState(INITIAL);

const NO_PREFERENCES = { muted: [] as string[], times: false };

const storage = createJSONStorage<typeof NO_PREFERENCES>(() => localStorage, {
  // an older version has stored the preferences without the object around them
  reviver: (key, value) => (key || Object(value).state ? value : { state: value }),
});

/** The viewer's preferences for all chats, in the browser's local storage. */
export const usePreferences = create(persist(() => NO_PREFERENCES, { name: "chat", storage }));
globalThis.addEventListener?.("storage", () => usePreferences.persist.rehydrate()); // another tab has changed them

export const setPreferences = (change: Partial<typeof NO_PREFERENCES>) => usePreferences.setState(change);

export const mute = (name: string) => usePreferences.setState(({ muted }) => ({ muted: [...muted, name] }));

export const unmute = (name: string) =>
  usePreferences.setState(({ muted }) => ({ muted: muted.filter((other) => other !== name) }));
