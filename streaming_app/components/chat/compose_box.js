// The box under the chat. It holds what is typed until the server has taken it.

import { createElement as h, useEffect, useRef, useState } from "react";

const NEAR = 60;
const PATIENCE_MS = 10000;

export function ComposeBox({ channel, maxLength, receipt, refusal, onSend }) {
  const [text, setText] = useState("");
  const [pending, setPending] = useState(false);
  const [notice, setNotice] = useState("");
  const box = useRef(null);
  const answered = useRef(receipt);
  const length = [...text.trim()].length;
  const left = maxLength - length;

  useEffect(() => {
    if (!receipt || receipt === answered.current) return; // empty: the state of this tab was made anew
    answered.current = receipt;
    setPending(false);
    setNotice(refusal);
    if (!refusal) setText("");
    box.current?.focus();
  }, [receipt]);
  useEffect(() => {
    if (!pending) return undefined;
    const timer = setTimeout(() => {
      setPending(false);
      setNotice("No answer from the site. Your text is kept: try again.");
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [pending]);

  const send = (event) => {
    event.preventDefault();
    if (pending || length === 0) return;
    if (left < 0) return setNotice(`That is ${-left} ${left === -1 ? "character" : "characters"} too long.`);
    setPending(true);
    setNotice("");
    onSend?.(channel, text);
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
  };

  return h(
    "form",
    { className: "compose", onSubmit: send, "aria-label": "Write to the chat" },
    h("div", { className: "compose__row" },
      h("textarea", {
        ref: box, name: "text", rows: 1, className: "input compose__input", value: text, readOnly: pending,
        placeholder: "Say something", "aria-label": "Message", "aria-invalid": Boolean(notice), "aria-describedby": "compose-notice",
        enterKeyHint: "send", autoComplete: "off", onKeyDown, onChange: (event) => setText(event.target.value),
      }),
      h("button", { type: "submit", className: "btn btn--primary compose__send", disabled: length === 0, "aria-busy": pending }, "Send")),
    (notice || left <= NEAR) &&
      h("div", { className: "compose__foot" },
        h("span", { id: "compose-notice", className: "field__error", role: "alert" }, notice),
        left <= NEAR && h("span", { className: "compose__count", "data-near": true, "data-over": left < 0 }, `${length} / ${maxLength}`)),
  );
}
