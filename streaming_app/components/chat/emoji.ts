// The channel's emotes and all emoji by name, fetched when the page first needs them.

import emojiUrl from "emoji-picker-element-data/en/github/data.json?url";
import { useMemo } from "react";
import { create } from "zustand";
import { useJson } from "../fetch_json.ts";
import type { Emoji, Emote, Emotes } from "./message_text.ts";

/** URL of the data of all emoji. */
export const emojiData: string = emojiUrl;

/** The emotes of `channel`. `version` is a number that changes when the emotes may have changed; 0 fetches nothing. */
export function useEmotes(channel: string, version: number): Emotes {
  const path = channel && version ? `/api/channels/${channel}/emotes#${version}` : ""; // a new fragment makes a new request
  const found = useJson<{ emotes: Emote[] }>(path);
  return useMemo(() => {
    const emotes = (found?.emotes ?? []).map((emote) => ({ ...emote, url: window.frontDoor(emote.url) }));
    return new Map(emotes.map((emote) => [emote.name.toLowerCase(), emote]));
  }, [found]);
}

/** Emoji by name; null until `fetchEmoji` has succeeded. */
export const useEmoji = create<{ emoji: Emoji }>(() => ({ emoji: null }));

let isFetching = false;

/** Fetches all emoji, once. `useEmoji` returns them afterwards. */
export async function fetchEmoji() {
  if (isFetching) return;
  isFetching = true;
  try {
    const all: { shortcodes?: string[]; emoji: string }[] = await (await fetch(emojiUrl)).json();
    useEmoji.setState({
      emoji: new Map(all.flatMap(({ shortcodes = [], emoji }) => shortcodes.map((code) => [code, emoji]))),
    });
  } catch {
    isFetching = false;
  }
}
