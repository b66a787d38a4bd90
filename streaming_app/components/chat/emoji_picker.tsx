// The panel to pick emoji and emotes from. Its code and data are loaded when it is first opened.

import type { Picker } from "emoji-picker-element";
import type { EmojiClickEventDetail } from "emoji-picker-element/shared";
import emojiUrl from "emoji-picker-element-data/en/github/data.json?url";
import { createElement, type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Emotes } from "./message_text.ts";

type Props = { id: string; emotes: Emotes; onPick: (text: string) => void };

/** A popover with this `id`. `onPick` gets an emoji, or an emote as `:name:`. */
export function EmojiPicker({ id, emotes, onPick }: Props) {
  const picker = useRef<Picker>(null);
  const [state, setState] = useState<"closed" | "waiting" | "ready" | "failed">("closed");
  const customEmoji = useMemo(
    () => [...emotes.values()].map(({ name, url }) => ({ name, url, shortcodes: [name], category: "This channel" })),
    [emotes],
  );
  useEffect(() => {
    const search = picker.current?.shadowRoot?.querySelector("input");
    if (window.matchMedia("(hover: hover)").matches) search?.focus(); // on a touch screen it opens a keyboard
    if (state !== "waiting") return;
    import("emoji-picker-element").then(() => setState("ready")).catch(() => setState("failed"));
  }, [state]);
  /** Picks the first result by Enter in the search: a first Enter only marks it, so the picker gets a second one. */
  const onKeyDown = ({ key, nativeEvent }: KeyboardEvent) => {
    const [search] = nativeEvent.composedPath() as HTMLInputElement[];
    if (key !== "Enter" || nativeEvent.isComposing || search.type !== "search") return;
    search.dispatchEvent(new window.KeyboardEvent("keydown", { key }));
  };
  return (
    <div
      className="picker"
      onKeyDown={onKeyDown}
      id={id}
      popover="auto"
      role="dialog"
      aria-label="Emoji"
      aria-busy={state === "waiting"}
      data-state={state}
      onToggle={({ newState }) => setState(newState === "open" ? "waiting" : "closed")}
    >
      {state === "waiting" && <span className="spinner" aria-hidden />}
      {state === "failed" && <p>Emoji couldn't be loaded. Try again later.</p>}
      {state === "ready" &&
        createElement("emoji-picker", {
          ref: picker,
          "data-source": emojiUrl,
          customEmoji,
          "onemoji-click": ({ detail }: CustomEvent<EmojiClickEventDetail>) =>
            onPick(detail.unicode ?? `:${detail.name}:`),
        })}
    </div>
  );
}
