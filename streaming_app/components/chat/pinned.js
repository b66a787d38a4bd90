// The message pinned above the chat. It takes two lines; a longer one can be opened, and scrolls within limits then.

import { createElement as h, useLayoutEffect, useMemo, useRef, useState } from "react";
import { ChevronDown, ChevronUp, Pin, PinOff } from "lucide-react";
import { Name, Words } from "./row.js";
import { partsOf } from "./words.js";

export function Pinned({ message, me, emotes, emoji, onUnpin }) {
  const [isOpen, setOpen] = useState(false);
  const text = useRef(null);
  const { parts } = useMemo(() => partsOf(message.text, { emotes, emoji }), [message.text, emotes, emoji]);
  const isCut = useIsCut(text, isOpen, parts);
  return h(
    "section",
    { className: "pin", "aria-label": "Pinned message", "data-open": isOpen },
    h(Pin, { className: "pin__icon", "aria-hidden": true }),
    h("div", { className: "pin__text", ref: text, tabIndex: isOpen ? 0 : undefined, role: "group", "aria-label": "Text of the pinned message" },
      h(Name, { name: message.name }), h("span", { className: "chat__text" }, h(Words, { parts, me }))),
    onUnpin && h("button", { type: "button", className: "btn btn--icon btn--sm", "aria-label": "Unpin", title: "Unpin", onClick: onUnpin }, h(PinOff, { "aria-hidden": true })),
    (isCut || isOpen) &&
      h("button",
        { type: "button", className: "btn btn--icon btn--sm", "aria-expanded": isOpen, "aria-label": isOpen ? "Collapse pinned message" : "Expand pinned message", onClick: () => setOpen(!isOpen) },
        h(isOpen ? ChevronUp : ChevronDown, { "aria-hidden": true })),
  );
}

/** Whether some of the text is hidden while it is closed. */
function useIsCut(text, isOpen, parts) {
  const [isCut, setCut] = useState(false);
  useLayoutEffect(() => {
    if (isOpen) return undefined;
    const measure = () => setCut(text.current.scrollHeight > text.current.clientHeight + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(text.current);
    measure();
    return () => observer.disconnect();
  }, [isOpen, parts]);
  return isCut;
}
