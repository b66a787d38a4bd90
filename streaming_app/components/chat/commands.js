// The list of commands that the viewer may type, as /help and the chat menu open it.

import { createElement as h } from "react";
import { Panel } from "./panel.js";

/** `commands`: {name, usage, help}. */
export function Commands({ commands, onClose }) {
  return h(
    Panel,
    { title: "Chat commands", onClose },
    h("p", { className: "panel-over__text" }, "Type / in the message box to choose one. Start a message with // to send a slash."),
    h("div", { className: "panel-over__list", tabIndex: 0, role: "group", "aria-label": "List of commands" },
      h("dl", null, commands.map(({ name, usage, help }) => h("div", { key: name, className: "commands__one" }, h("dt", null, h("code", null, usage)), h("dd", null, help))))),
  );
}
