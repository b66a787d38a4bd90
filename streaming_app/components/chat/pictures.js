// Emotes of a channel and emoji by their names, fetched when there is something to show with them.

import { useEffect, useState, useSyncExternalStore } from "react";
import emojiUrl from "emoji-picker-element-data/en/github/data.json?url";

const NONE = new Map();

/** The channel's emotes by lower-case name; `news` changes whenever they may have, and is 0 until there is something to read. */
export function useEmotes(channel, news) {
  const [emotes, setEmotes] = useState(NONE);
  useEffect(() => {
    if (!channel || !news) return undefined;
    const leaving = new AbortController();
    fetch(window.frontDoor(`/api/channels/${channel}/emotes`), { signal: leaving.signal })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.statusText)))
      .then((found) => setEmotes(new Map(found.emotes.map((emote) => [emote.name.toLowerCase(), { ...emote, url: window.frontDoor(emote.url) }]))))
      .catch(() => {}); // the names stay as they are written; the next welcome asks again
    return () => leaving.abort();
  }, [channel, news]);
  return emotes;
}

export const emojiData = emojiUrl;

const listeners = new Set();
let emoji = null;
let asked = null;

/** Fetches the emoji, once; whoever `useEmoji` learns of them. */
export function wantEmoji() {
  asked ??= fetch(emojiUrl)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.statusText)))
    .then((all) => {
      emoji = new Map(all.flatMap(({ shortcodes = [], emoji: symbol }) => shortcodes.map((code) => [code, symbol])));
      for (const listener of listeners) listener();
    })
    .catch(() => (asked = null));
}

/** Emoji by their GitHub names, without colons; null as long as nobody has wanted them. */
export function useEmoji() {
  return useSyncExternalStore(
    subscribe,
    () => emoji,
    () => null,
  );
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
