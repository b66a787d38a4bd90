// The chat's state in the browser: open menus, the message to reply to, and more. Python uses it by browser_state.py.

import { useSyncExternalStore } from "react";
import type { Line } from "../feed/feed_lines.ts";

/** The fields are documented in `Chosen` of browser_state.py. */
export type Chosen = {
  menu: boolean;
  panel: string;
  opened: Line | null;
  question: { kind: string; name: string } | null;
  reply: Line | null;
  mention: { name: string } | null;
  jump: { id?: string } | null;
  search: string;
  pin_is_open: boolean;
  pin_is_cut: boolean;
};

const messages = { opened: null, question: null, reply: null, mention: null, jump: null };
const NOTHING: Chosen = { menu: false, panel: "", search: "", pin_is_open: false, pin_is_cut: false, ...messages };

const listeners = new Set<() => void>();
let chosen = NOTHING;

export function useChosen(): Chosen {
  return useSyncExternalStore(
    subscribe,
    () => chosen,
    () => NOTHING,
  );
}

/** Changes some fields. */
export function choose(change: Partial<Chosen>) {
  chosen = { ...chosen, ...change };
  for (const listener of listeners) listener();
}

export function searchChatters(search: string) {
  choose({ search });
}

/** Resets all fields when the viewer leaves the chat. */
export function forgetChosen() {
  choose(NOTHING);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
