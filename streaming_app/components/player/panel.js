// A panel over the picture, with a title and a button that closes it; so does Escape.

import { createElement as h, useEffect } from "react";

export function Panel({ title, className, onClose, children }) {
  useEffect(() => {
    const onKeyDown = ({ key }) => key === "Escape" && onClose();
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  return h(
    "section",
    // noautohide: media-chrome leaves it there when the controls go.
    { slot: "top-chrome", noautohide: "", className: `player__panel ${className}`, role: "region", "aria-label": title },
    h("header", null, h("h2", null, title),
      h("button", { type: "button", className: "player__close", onClick: onClose, "aria-label": `Close: ${title}`, title: "Close (Esc)" },
        h("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 2.25, strokeLinecap: "round", "aria-hidden": true },
          h("path", { d: "M6 6l12 12M18 6L6 18" })))),
    children,
  );
}
