// What stands where no messages are.

import { createElement as h } from "react";

const WAITING_WIDTHS = ["62%", "84%", "48%", "71%", "56%"];

/** `away`: the chat cannot be reached; `canWrite`: who looks is signed in. */
export function Empty({ away, canWrite }) {
  return h(
    "div",
    { className: "chat__empty" },
    h("svg", { viewBox: "0 0 48 48", fill: "none", stroke: "currentColor", strokeWidth: 2.5, strokeLinejoin: "round", "aria-hidden": true },
      h("path", { d: "M8 10h32v22H22l-9 8v-8H8Z" }), h("path", { d: "M17 21h.01M24 21h.01M31 21h.01", strokeLinecap: "round", strokeWidth: 4 })),
    h("p", { className: "chat__empty-title" }, away ? "Chat is unavailable" : "No messages yet"),
    (away || canWrite) && h("p", null, away ? "It will be back automatically." : "Be the first to say something."),
  );
}

export function Waiting() {
  return h("div", { className: "chat__wait", "aria-hidden": true },
    WAITING_WIDTHS.map((width) => h("div", { key: width, className: "skeleton", style: { width } })));
}
