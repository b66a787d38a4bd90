// The panel to pick emoji and emotes from; it and its data come from this site, when it is first opened.

import { createElement as h, useEffect, useRef, useState } from "react";
import { emojiData } from "./pictures.js";

const DRAWN_MS = 2000; // within which the matches of a search are drawn

export function Picker({ emotes, onPick, onClose }) {
  const box = useRef(null);
  const [state, setState] = useState("waiting");
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    let picker = null;
    let isGone = false;
    import("emoji-picker-element").then(
      ({ Picker: Element }) => {
        if (isGone) return;
        const customEmoji = [...emotes.values()].map(({ name, url }) => ({ name, shortcodes: [name], url, category: "This channel" }));
        picker = new Element({ dataSource: emojiData, locale: "en", customEmoji });
        picker.addEventListener("emoji-click", ({ detail }) => pick.current(detail.unicode ?? `:${detail.name}:`));
        picker.addEventListener("keydown", (event) => pickFirst(picker, event), true);
        box.current.append(picker);
        setState("ready");
        if (window.matchMedia("(hover: hover)").matches) picker.shadowRoot.querySelector("input")?.focus(); // not where it opens a keyboard
      },
      () => setState("away"),
    );
    return () => {
      isGone = true;
      picker?.remove();
    };
  }, [emotes]);
  useEffect(() => {
    const onPointerDown = ({ target }) => box.current.parentElement.contains(target) || onClose();
    document.addEventListener("pointerdown", onPointerDown, true);
    return () => document.removeEventListener("pointerdown", onPointerDown, true);
  }, []);

  return h(
    "div",
    { className: "picker", ref: box, role: "dialog", "aria-label": "Emoji", "data-state": state },
    state === "waiting" && h("span", { className: "spinner", "aria-label": "Loading" }),
    state === "away" && h("p", null, "The emoji could not be loaded. Try again later."),
  );
}

/** Enter in the search picks the best match, unless the arrow keys have gone to another; the picker itself only marks it. */
async function pickFirst(picker, event) {
  const [search] = event.composedPath();
  if (event.key !== "Enter" || event.isComposing || search.type !== "search" || !search.value.trim()) return;
  if (picker.shadowRoot.querySelector("#search-results [aria-selected=true]")) return;
  event.preventDefault();
  event.stopPropagation();
  const { value } = search;
  const [best] = await picker.database.getEmojiBySearchQuery(value);
  if (!best) return;
  const deadline = Date.now() + DRAWN_MS;
  const click = () => {
    const drawn = picker.shadowRoot.getElementById(`emo-${best.unicode ?? best.name}`);
    if (drawn?.closest("#search-results")) drawn.click();
    else if (search.value === value && picker.isConnected && Date.now() < deadline) requestAnimationFrame(click);
  };
  click();
}
