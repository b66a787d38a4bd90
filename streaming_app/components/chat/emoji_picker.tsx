// The panel to pick emoji and emotes from. Its code and data are loaded when it is first opened.

import type { Picker } from "emoji-picker-element";
import { useEffect, useRef, useState } from "react";
import { emojiData } from "./emoji.ts";
import type { Emotes } from "./types.ts";

const DRAWN_MS = 2000; // maximum time until the matches of a search are rendered

type Props = { emotes: Emotes; onPick: (text: string) => void; onClose: () => void };

/** `onPick` gets an emoji, or an emote as `:name:`. A press outside the message box calls `onClose`. */
export function EmojiPicker({ emotes, onPick, onClose }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [state, setState] = useState("waiting");
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    let picker: Picker | null = null;
    let isGone = false;
    const show = ({ Picker: Element }: typeof import("emoji-picker-element")) => {
      if (isGone) return;
      const customEmoji = [...emotes.values()].map(({ name, url }) => ({
        name,
        shortcodes: [name],
        url,
        category: "This channel",
      }));
      picker = new Element({ dataSource: emojiData, locale: "en", customEmoji });
      picker.addEventListener("emoji-click", ({ detail }) => pick.current(detail.unicode ?? `:${detail.name}:`));
      picker.addEventListener("keydown", (event) => pickFirst(picker as Picker, event as KeyboardEvent), true);
      box.current?.append(picker);
      setState("ready");
      if (window.matchMedia("(hover: hover)").matches) picker.shadowRoot?.querySelector("input")?.focus(); // on a touch screen it opens a keyboard
    };
    import("emoji-picker-element").then(show, () => setState("away"));
    return () => {
      isGone = true;
      picker?.remove();
    };
  }, [emotes]);
  useEffect(() => {
    const onPointerDown = ({ target }: PointerEvent) =>
      box.current?.parentElement?.contains(target as Node) || onClose();
    document.addEventListener("pointerdown", onPointerDown, true);
    return () => document.removeEventListener("pointerdown", onPointerDown, true);
  }, []);

  return (
    <div
      className="picker"
      ref={box}
      role="dialog"
      aria-label="Emoji"
      aria-busy={state === "waiting"}
      data-state={state}
    >
      {state === "waiting" && <span className="spinner" aria-hidden />}
      {state === "away" && <p>Emoji couldn't be loaded. Try again later.</p>}
    </div>
  );
}

/** Enter in the search picks the best match, unless an arrow key has chosen another; the picker itself only marks it. */
async function pickFirst(picker: Picker, event: KeyboardEvent) {
  const search = event.composedPath()[0] as HTMLInputElement;
  const root = picker.shadowRoot;
  if (
    event.key !== "Enter" ||
    event.isComposing ||
    search.type !== "search" ||
    !search.value.trim() ||
    root?.querySelector("#search-results [aria-selected=true]")
  )
    return;
  event.preventDefault();
  event.stopPropagation();
  const { value } = search;
  const [best] = await (
    picker as unknown as { database: import("emoji-picker-element").Database }
  ).database.getEmojiBySearchQuery(value);
  const deadline = Date.now() + DRAWN_MS;
  const click = () => {
    const drawn = best && root?.getElementById(`emo-${"unicode" in best ? best.unicode : best.name}`);
    if (drawn?.closest("#search-results")) drawn.click();
    else if (best && search.value === value && picker.isConnected && Date.now() < deadline)
      requestAnimationFrame(click);
  };
  click();
}
