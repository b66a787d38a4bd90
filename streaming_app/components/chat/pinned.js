// The message that stands above the chat until a moderator takes it down; each reader may fold it away.

import { createElement as h, useMemo } from "react";
import { ChevronDown, ChevronUp, Pin, PinOff } from "lucide-react";
import { Name, Words } from "./row.js";
import { partsOf } from "./words.js";
import { keep, useKept } from "./kept.js";

export function Pinned({ message, me, emotes, emoji, onUnpin }) {
  const { folded } = useKept();
  const isFolded = folded === message.id;
  const { parts } = useMemo(() => partsOf(message.text, { emotes, emoji }), [message.text, emotes, emoji]);
  return h(
    "section",
    { className: "pin", "aria-label": "Pinned message", "data-folded": isFolded },
    h(Pin, { className: "pin__icon", "aria-hidden": true }),
    h("div", { className: "pin__text" }, h(Name, { name: message.name }), h("span", { className: "chat__text" }, h(Words, { parts, me }))),
    onUnpin && h("button", { type: "button", className: "btn btn--icon btn--sm", "aria-label": "Unpin", title: "Unpin", onClick: onUnpin }, h(PinOff, { "aria-hidden": true })),
    h("button",
      { type: "button", className: "btn btn--icon btn--sm", "aria-expanded": !isFolded, "aria-label": isFolded ? "Show the pinned message" : "Fold the pinned message", onClick: () => keep({ folded: isFolded ? "" : message.id }) },
      h(isFolded ? ChevronDown : ChevronUp, { "aria-hidden": true })),
  );
}
