// The suggestions above the message box, and the keys that choose one.

import { type KeyboardEvent, useEffect, useState } from "react";
import { fetchEmoji } from "./emoji.ts";
import { type Suggestion, suggestionsFor, tokenAt, type Vocabulary } from "./suggestions.ts";

/** Whether a key event belongs to an input method (IME). Safari sends one after compositionend, known by its keyCode. */
export function isComposing({ nativeEvent }: KeyboardEvent): boolean {
  return nativeEvent.isComposing || nativeEvent.keyCode === 229;
}

type Options = {
  id: string; // id of the list; the first option has the id `${id}-0`
  text: string;
  caret: number;
  vocabulary: Vocabulary;
  onName: () => void; // called when usernames are needed
  onAccept: (text: string, caret: number) => void; // called with the text that includes the suggestion
};

/** `onKey` returns true if the list handles the key. */
export function useSuggestions({ id, text, caret, vocabulary, onName, onAccept }: Options) {
  const [chosen, setChosen] = useState(0);
  const [dismissed, setDismissed] = useState("");
  const token = tokenAt(text, caret);
  const key = token ? `${token.kind} ${token.from}` : "";
  const list = key === dismissed ? [] : suggestionsFor(token, vocabulary);
  const active = Math.min(chosen, list.length - 1);
  useEffect(() => setChosen(0), [token?.word, key]);
  useEffect(() => {
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active]);
  useEffect(() => {
    if (key !== dismissed) setDismissed("");
    if (token?.kind === "picture") fetchEmoji();
    if (token?.kind === "name" || token?.kind === "argument") onName();
  }, [key]);

  const accept = ({ value }: Suggestion) => {
    const before = text.slice(0, token?.from) + value;
    onAccept(before + text.slice(caret).replace(/^ /, ""), before.length);
  };
  const onKey = (event: KeyboardEvent): boolean => {
    const suggestion = list[active];
    if (!suggestion || isComposing(event)) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setChosen((active + step + list.length) % list.length);
    else if (event.key === "Escape") setDismissed(key);
    else if (!event.shiftKey && (event.key === "Tab" || (event.key === "Enter" && !suggestion.isExact)))
      accept(suggestion);
    else return false;
    return true;
  };
  return { list, active, accept, onKey };
}
