// The suggestions above the message box, and the keys that choose one.

import { type KeyboardEvent, useEffect, useState } from "react";
import { useFeedPart } from "../feed/feed_client.ts";
import type { CommandView } from "../generated.ts";
import { useChatters } from "./chatters.ts";
import { useEmoji } from "./emoji.ts";
import type { Emotes } from "./message_text.ts";
import { type Suggestion, suggestionsFor, tokenAt } from "./suggestions.ts";

/** Whether a key event belongs to an input method (IME). Safari sends one after compositionend, known by its keyCode. */
export function isComposing({ nativeEvent }: KeyboardEvent): boolean {
  return nativeEvent.isComposing || nativeEvent.keyCode === 229;
}

type Options = {
  id: string; // id of the list; the first option has the id `${id}-0`
  text: string;
  caret: number;
  path: string; // URL path of the channel's feed
  channel: string;
  commands: readonly CommandView[];
  emotes: Emotes;
  onAccept: (words: string, from: number, to: number) => void; // called with the text to insert between two positions
};

/** `onKey` returns true if the list handles the key. */
export function useSuggestions({ id, text, caret, path, channel, commands, emotes, onAccept }: Options) {
  const token = tokenAt(text, caret);
  const place = token ? `${token.kind} ${token.from}` : "";
  const [marked, setMarked] = useState({ word: "", index: 0 });
  const [dismissed, setDismissed] = useState(""); // the place of the token whose suggestions Escape has closed
  const emoji = useEmoji(token?.kind === "picture");
  const names = useNames(path, channel, token?.kind === "name" || token?.kind === "argument");
  const list = place === dismissed ? [] : suggestionsFor(token, { commands, names, emotes, emoji });
  const active = Math.min(marked.word === token?.word ? marked.index : 0, list.length - 1);
  useEffect(() => {
    if (place !== dismissed) setDismissed("");
  }, [place]);
  useEffect(() => {
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const accept = ({ value }: Suggestion) =>
    onAccept(value, token?.from ?? caret, caret + (text[caret] === " " ? 1 : 0));
  const onKey = (event: KeyboardEvent): boolean => {
    const suggestion = list[active];
    if (!token || !suggestion || isComposing(event)) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setMarked({ word: token.word, index: (active + step + list.length) % list.length });
    else if (event.key === "Escape") setDismissed(place);
    else if (!event.shiftKey && (event.key === "Tab" || (event.key === "Enter" && !suggestion.isExact)))
      accept(suggestion);
    else return false;
    return true;
  };
  return { list, active, accept, onKey };
}

/** The usernames of the chat, the newest writers first, while they are needed. */
function useNames(path: string, channel: string, isNeeded: boolean): string[] {
  const messages = useFeedPart(path, (feed) => (isNeeded ? feed.messages : null)) ?? [];
  const chatters = useChatters(channel, isNeeded) ?? [];
  return [...new Set([...messages.toReversed(), ...chatters].flatMap(({ name }) => name || []))];
}
