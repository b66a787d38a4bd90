// The channel's emotes and all emoji by name, fetched when the page first needs them.

import emojiUrl from "emoji-picker-element-data/en/github/data.json?url";
import { useMemo } from "react";
import useSWRImmutable from "swr/immutable";
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

/** Emoji by name, fetched once when a component wants them; empty before. */
export function useEmoji(isWanted: boolean): Emoji {
  type Data = { shortcodes?: string[]; emoji: string }[];
  const { data } = useSWRImmutable(isWanted && emojiUrl, fetchJson<Data>, { keepPreviousData: true });
  return useMemo(() => {
    const names = (data ?? []).flatMap(({ shortcodes = [], emoji }) =>
      shortcodes.map((code) => [code, emoji] as const),
    );
    return new Map(names);
  }, [data]);
}
