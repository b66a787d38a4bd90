// The channel's emotes and all emoji by name, fetched when the page first needs them.

import emojiUrl from "emoji-picker-element-data/en/github/data.json?url";
import { useMemo } from "react";
import { create } from "zustand";
import { fetchJson, useJson } from "../fetch_json.ts";
import type { Emoji, Emote, Emotes } from "./message_text.ts";

/** The emotes of `channel`. `version` changes when the emotes may have changed; 0 fetches nothing. */
export function useEmotes(channel: string, version: number): Emotes {
  const path = channel && version ? `/api/channels/${channel}/emotes#${version}` : ""; // a new fragment makes a new request
  const found = useJson<{ emotes: Emote[] }>(path);
  return useMemo(() => {
    const emotes = (found?.emotes ?? []).map((emote) => ({ ...emote, url: window.frontDoor(emote.url) }));
    return new Map(emotes.map((emote) => [emote.name.toLowerCase(), emote]));
  }, [found]);
}

/** Emoji by name; empty until `fetchEmoji` has succeeded. */
export const useEmoji = create<Emoji>(() => new Map());

let request: Promise<void> | undefined;

/** Fetches all emoji, once. `useEmoji` returns them afterwards. */
export function fetchEmoji(): Promise<void> {
  request ??= fetchJson<{ shortcodes?: string[]; emoji: string }[]>(emojiUrl)
    .then((all) => all.flatMap(({ shortcodes = [], emoji }) => shortcodes.map((code) => [code, emoji] as const)))
    .then((names) => useEmoji.setState(new Map(names), true))
    .catch(() => {
      request = undefined;
    });
  return request;
}
