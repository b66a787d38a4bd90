// The list of suggestions above the message box.

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { fetchEmoji } from "./emoji.ts";
import { type Suggestion, suggestionsFor, tokenAt, type Vocabulary } from "./suggestions.ts";

/** Whether a key belongs to an input method (IME). Safari sends one after compositionend that only its keyCode tells. */
export function isComposing({ nativeEvent }: KeyboardEvent): boolean {
  return nativeEvent.isComposing || nativeEvent.keyCode === 229;
}

type Options = {
  text: string;
  caret: number;
  vocabulary: Vocabulary;
  onName: () => void;
  onAccept: (text: string, caret: number) => void;
};

/**
 * The suggestions for `text` at `caret`. `onName` is called when usernames are needed. `onAccept` gets the text with the
 * suggestion in it and the new caret. `onKey` returns true for a key that belongs to the list.
 */
export function useSuggestions({ text, caret, vocabulary, onName, onAccept }: Options) {
  const [chosen, setChosen] = useState(0);
  const [dismissed, setDismissed] = useState("");
  const token = tokenAt(text, caret);
  const key = token ? `${token.kind} ${token.from}` : "";
  const list = key === dismissed ? [] : suggestionsFor(token, vocabulary);
  const active = Math.min(chosen, list.length - 1);
  useEffect(() => setChosen(0), [token?.word, key]);
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

type ListProps = { id: string; list: Suggestion[]; active: number; accept: (suggestion: Suggestion) => void };

/** The option at `active` has the id `${id}-${active}`. */
export function SuggestionList({ id, list, active, accept }: ListProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div className="offers" tabIndex={-1} id={id} ref={box} role="listbox" aria-label="Suggestions">
      {list.map((suggestion, index) => (
        <div
          tabIndex={-1}
          key={suggestion.label}
          id={`${id}-${index}`}
          className="offers__one"
          role="option"
          aria-selected={index === active}
          onPointerDown={(event) => {
            event.preventDefault();
            accept(suggestion);
          }} /* the focus stays in the box */
        >
          {suggestion.picture && <img className="offers__picture" src={suggestion.picture} alt="" />}
          {suggestion.symbol && (
            <span className="offers__picture" aria-hidden>
              {suggestion.symbol}
            </span>
          )}
          <span className="offers__label">{suggestion.label}</span>
          {suggestion.hint && <span className="offers__hint">{suggestion.hint}</span>}
        </div>
      ))}
    </div>
  );
}
