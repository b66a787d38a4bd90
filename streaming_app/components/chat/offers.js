// The list that opens above the box while one types a command, a name or an emoji.

import { createElement as h, useEffect, useRef, useState } from "react";
import { offers, wordAt } from "./completion.js";
import { isComposing } from "./composing.js";
import { wantEmoji } from "./pictures.js";

/** What is offered for `text` with the caret at `caret`; `take` gets the text with an offer in it, and the new caret. */
export function useOffers({ text, caret, known, onName, take }) {
  const [chosen, setChosen] = useState(0);
  const [dismissed, setDismissed] = useState(null);
  const at = wordAt(text, caret);
  const key = at && `${at.kind} ${at.from}`;
  const list = key === dismissed ? [] : offers(at, known);
  const active = Math.min(chosen, list.length - 1);
  useEffect(() => setChosen(0), [at?.word, key]);
  useEffect(() => {
    if (key !== dismissed) setDismissed(null);
    if (at?.kind === "picture") wantEmoji();
    if (at?.kind === "name" || at?.kind === "argument") onName();
  }, [key]);

  const accept = (offer) => {
    const before = text.slice(0, at.from) + offer.value;
    const after = text.slice(caret);
    take(before + (after.startsWith(" ") ? after.slice(1) : after), before.length);
  };
  /** Whether the key was for the list. */
  const onKey = (event) => {
    if (!list.length || isComposing(event)) return false;
    const { key: pressed, shiftKey } = event;
    const step = { ArrowDown: 1, ArrowUp: -1 }[pressed];
    if (step) setChosen((active + step + list.length) % list.length);
    else if (pressed === "Escape") setDismissed(key);
    else if ((pressed === "Tab" && !shiftKey) || (pressed === "Enter" && !shiftKey && !list[active].exact)) accept(list[active]);
    else return false;
    return true;
  };
  return { list, active, accept, onKey };
}

export function Offers({ id, list, active, accept }) {
  const box = useRef(null);
  useEffect(() => {
    box.current.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return h(
    "ul",
    { className: "offers", id, ref: box, role: "listbox", "aria-label": "Suggestions" },
    list.map((offer, index) =>
      h(
        "li",
        {
          key: offer.label, id: `${id}-${index}`, className: "offers__one", role: "option", "aria-selected": index === active,
          onPointerDown: (event) => {
            event.preventDefault(); // the focus stays in the box
            accept(offer);
          },
        },
        offer.picture && h("img", { className: "offers__picture", src: offer.picture, alt: "" }),
        offer.symbol && h("span", { className: "offers__picture", "aria-hidden": true }, offer.symbol),
        h("span", { className: "offers__label" }, offer.label),
        offer.hint && h("span", { className: "offers__hint" }, offer.hint),
      )),
  );
}
