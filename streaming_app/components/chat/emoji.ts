// The channel's emotes and all emoji by name, fetched when the page first needs them.

import emojiUrl from "emoji-picker-element-data/en/github/data.json?url";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { Emoji, Emotes } from "./types.ts";

/** URL of the data of all emoji. */
export const emojiData: string = emojiUrl;

let emotesRequest: { key: string; emotes: Promise<Emotes | null> } = { key: "", emotes: Promise.resolve(null) };
let isFetching = false;
let emoji: Emoji = null;
const listeners = new Set<() => void>();

/** The emotes of `channel`. `version` is a number that changes when the emotes may have changed; 0 fetches nothing. */
export function useEmotes(channel: string, version: number): Emotes {
  const [emotes, setEmotes] = useState<Emotes>(new Map());
  useEffect(() => {
    let isCurrent = true;
    if (channel && version) fetchEmotes(channel, version).then((found) => isCurrent && found && setEmotes(found));
    return () => {
      isCurrent = false;
    };
  }, [channel, version]);
  return emotes;
}

/** Fetches the emotes; simultaneous calls share a request. Null on failure: callers then keep their emotes. */
function fetchEmotes(channel: string, version: number): Promise<Emotes | null> {
  const key = `${channel} ${version}`;
  if (emotesRequest.key === key) return emotesRequest.emotes;
  const emotes = fetchJson<{ emotes: { name: string; url: string; width: number; height: number }[] }>(
    window.frontDoor(`/api/channels/${channel}/emotes`),
  )
    .then(
      (found) =>
        new Map(
          found.emotes.map((emote) => [emote.name.toLowerCase(), { ...emote, url: window.frontDoor(emote.url) }]),
        ),
    )
    .catch(() => null)
    .finally(() => {
      emotesRequest.key = "";
    });
  emotesRequest = { key, emotes };
  return emotes;
}

/** Emoji by name; null until `fetchEmoji` has succeeded. */
export function useEmoji(): Emoji {
  return useSyncExternalStore(
    subscribe,
    () => emoji,
    () => null,
  );
}

/** Fetches all emoji, once. `useEmoji` returns them afterwards. */
export function fetchEmoji() {
  if (isFetching) return;
  isFetching = true;
  fetchJson<{ shortcodes?: string[]; emoji: string }[]>(emojiUrl)
    .then((all) => {
      emoji = new Map(
        all.flatMap(({ shortcodes = [], emoji: symbol }) => shortcodes.map((code) => [code, symbol] as const)),
      );
      for (const listener of listeners) listener();
    })
    .catch(() => {
      isFetching = false;
    });
}

/** Fetches JSON from `url`. Rejects if the response is an error. */
export async function fetchJson<Answer>(url: string, signal?: AbortSignal): Promise<Answer> {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
