// A panel that lies over the messages until it is closed, by its button or Escape; the focus then goes back.

import { createElement as h, useEffect, useRef } from "react";
import { X } from "lucide-react";

export function Panel({ title, onClose, children }) {
  const panel = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current.focus();
    return () => before?.isConnected && before.focus?.();
  }, []);
  return h(
    "section",
    { className: "panel-over", "aria-label": title, ref: panel, tabIndex: -1, onKeyDown: ({ key }) => key === "Escape" && onClose() },
    h("header", { className: "panel-over__head" }, h("h3", null, title),
      h("button", { type: "button", className: "btn btn--icon btn--sm", "aria-label": "Close", onClick: onClose }, h(X, { "aria-hidden": true }))),
    children,
  );
}
