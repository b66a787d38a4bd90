// The panel to pick emoji and emotes from. Its code and data are loaded when it is first opened.

import type { Database, Picker } from "emoji-picker-element";
import type { EmojiClickEventDetail, NativeEmoji } from "emoji-picker-element/shared";
import emojiUrl from "emoji-picker-element-data/en/github/data.json?url";
import { createElement, type KeyboardEvent, type ToggleEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Emotes } from "./message_text.ts";

/** The fields of EmojiPicker in emoji_picker.py. `onPick` gets an emoji, or an emote as `:name:`. */
export function useEmojiPicker(emotes: Emotes, onPick: (text: string) => void) {
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
    import("emoji-picker-element").then(
      () => setState("ready"),
      () => setState("failed"),
    );
  }, [state]);
  /** Picks the first result by Enter in the search, unless another is marked. The picker itself would only mark it. */
  const onKeyDownCapture = async (event: KeyboardEvent) => {
    const search = event.nativeEvent.composedPath()[0] as HTMLInputElement;
    const isSearch = search.type === "search" && search.value.trim();
    const isMarked = picker.current?.shadowRoot?.querySelector("#search-results [aria-selected=true]");
    if (event.key !== "Enter" || event.nativeEvent.isComposing || !isSearch || isMarked) return;
    event.preventDefault();
    event.stopPropagation();
    const { database } = picker.current as unknown as { database: Database };
    const [first] = (await database.getEmojiBySearchQuery(search.value)) as Partial<NativeEmoji>[];
    const tone = await database.getPreferredSkinTone();
    const skin = first?.skins?.find((each) => each.tone === tone);
    if (first) onPick(skin?.unicode ?? first.unicode ?? `:${first.name}:`);
  };
  return {
    state,
    panel: {
      onKeyDownCapture,
      onToggle: ({ newState }: ToggleEvent) => setState(newState === "open" ? "waiting" : "closed"),
    },
    element: createElement("emoji-picker", {
      ref: picker,
      "data-source": emojiUrl,
      customEmoji,
      "onemoji-click": ({ detail }: CustomEvent<EmojiClickEventDetail>) => onPick(detail.unicode ?? `:${detail.name}:`),
    }),
  };
}
