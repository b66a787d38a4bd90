// Asks once more before something that cannot easily be taken back, and for the reason.

import { createElement as h, useEffect, useId, useRef, useState } from "react";
import { createPortal } from "react-dom";

const REASON_MAX = 200;
const MINUTES_MAX = 28 * 24 * 60;

/** `question`: {title, text, action, wantsReason, wantsMinutes, onYes({reason, minutes})}. */
export function Ask({ question, onClose }) {
  const dialog = useRef(null);
  const id = useId();
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState("30");
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.isConnected && before.focus?.();
  }, []);
  const onSubmit = (event) => {
    event.preventDefault();
    question.onYes({ reason: reason.trim(), minutes: question.wantsMinutes ? Number(minutes) : 0 });
    onClose();
  };

  return createPortal(
    h("dialog", { className: "ask", ref: dialog, "aria-labelledby": `${id}-title`, onClose, onClick: ({ target }) => target === dialog.current && onClose() },
      h("form", { className: "ask__form", onSubmit },
        h("h2", { className: "ask__title", id: `${id}-title` }, question.title),
        question.text && h("p", { className: "ask__text" }, question.text),
        question.wantsMinutes &&
          h("label", { className: "field" }, h("span", { className: "field__label" }, "Minutes"),
            h("input", { className: "input", type: "number", name: "minutes", min: 1, max: MINUTES_MAX, step: 1, required: true, value: minutes, onChange: ({ target }) => setMinutes(target.value) })),
        question.wantsReason &&
          h("label", { className: "field" },
            h("span", { className: "field__label" }, "Reason ", h("span", { className: "field__optional" }, "(optional, shown to them)")),
            h("input", { className: "input", name: "reason", maxLength: REASON_MAX, autoComplete: "off", autoFocus: !question.wantsMinutes, value: reason, onChange: ({ target }) => setReason(target.value) })),
        h("div", { className: "ask__actions" },
          h("button", { type: "button", className: "btn btn--secondary", onClick: onClose }, "Cancel"),
          h("button", { type: "submit", className: "btn btn--live" }, question.action)))),
    document.body,
  );
}
