// A menu that opens at what was pressed: arrows move in it, Escape closes it, the focus goes back where it was.

import { createElement as h, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";

const GAP_PX = 6;
const EDGE_PX = 8;

/**
 * `items`: {label, spoken, icon, onSelect, danger, checked}, null for a rule, or {label, choices: items} for a row of short
 * ones. `anchor` is the element that it belongs to.
 */
export function Menu({ anchor, label, items, onClose }) {
  const menu = useRef(null);
  const [place, setPlace] = useState({ opacity: 0 });

  useLayoutEffect(() => {
    setPlace(placeOf(anchor.getBoundingClientRect(), menu.current.getBoundingClientRect()));
    choices(menu.current)[0]?.focus();
  }, []);
  useEffect(() => {
    const onPointerDown = ({ target }) => menu.current.contains(target) || onClose();
    document.addEventListener("pointerdown", onPointerDown, true);
    window.addEventListener("resize", onClose);
    return () => {
      document.removeEventListener("pointerdown", onPointerDown, true);
      window.removeEventListener("resize", onClose);
    };
  }, [onClose]);

  const close = () => {
    if (anchor.isConnected) anchor.focus();
    onClose();
  };
  const onKeyDown = (event) => {
    const all = choices(menu.current);
    const at = all.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (next !== undefined) all.at(next % all.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const choose = (item) => {
    close();
    item.onSelect?.();
  };

  return createPortal(
    h("div", { className: "popup__veil" },
      h("div", { className: "popup", role: "menu", "aria-label": label, ref: menu, style: place, onKeyDown },
        h("div", { className: "popup__title", "aria-hidden": true }, label),
        items.map((item, index) => (item ? h(Item, { key: index, item, choose }) : h("hr", { key: index, className: "menu__rule" }))))),
    document.getElementById("main") ?? document.body, // in a landmark, for those who move by them
  );
}

function Item({ item, choose }) {
  if (item.choices) {
    return h("div", { className: "popup__row", role: "group", "aria-label": item.label },
      h("span", { className: "popup__of" }, item.icon && h(item.icon, { "aria-hidden": true }), item.label),
      h("span", { className: "popup__choices" }, item.choices.map((choice) => h(Item, { key: choice.label, item: { ...choice, isShort: true }, choose }))));
  }
  const role = item.checked === undefined ? "menuitem" : "menuitemcheckbox";
  return h(
    "button",
    {
      type: "button", role, tabIndex: -1, className: item.isShort ? "popup__choice" : "menu__item", "data-danger": item.danger,
      "aria-label": item.spoken, "aria-checked": item.checked, onClick: () => choose(item),
    },
    item.icon && h(item.icon, { "aria-hidden": true }),
    item.label,
    item.checked && h("span", { className: "popup__mark", "aria-hidden": true }, "✓"),
  );
}

function choices(menu) {
  return [...menu.querySelectorAll("[role^=menuitem]")];
}

/** Below the anchor, or above where there is more room; never beyond the window's edges. */
function placeOf(anchor, { width, height }) {
  const below = anchor.bottom + GAP_PX;
  const top = below + height <= window.innerHeight - EDGE_PX ? below : anchor.top - GAP_PX - height;
  const left = Math.min(anchor.right - width, window.innerWidth - EDGE_PX - width);
  return { top: Math.max(EDGE_PX, Math.min(top, window.innerHeight - EDGE_PX - height)), left: Math.max(EDGE_PX, left) };
}
