// The box under the chat. It holds what is typed until the server has taken it.

import { createElement as h, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { Reply, Smile, X } from "lucide-react";
import { attempt } from "./attempt.js";
import { commandIn } from "./completion.js";
import { isComposing } from "./composing.js";
import { Offers, useOffers } from "./offers.js";
import { Picker } from "./picker.js";
import { Standing, useBan } from "./standing.js";

const NEAR = 60;
const PATIENCE_MS = 10000;
const HELP = "/help";

/**
 * `mention` is {name}, new each time a name is to be written; `known` is what can be offered; `ban` is as in standing.js;
 * `waitSeconds` is how long the server wants to be left alone after a refusal; `onHelp` opens the list of commands.
 */
export function ComposeBox({ channel, maxLength, receipt, refusal, answer, waitSeconds, known, rules, ban, isAbove, reply, mention, onReplyEnd, onName, onHelp, onSend }) {
  const id = useId();
  const [text, setText] = useState("");
  const [caret, setCaret] = useState(0);
  const [notice, setNotice] = useState("");
  const [said, setSaid] = useState("");
  const [isPicking, setPicking] = useState(false);
  const box = useRef(null);
  const wanted = useRef(null);
  const [wait, setWait] = useState(0);
  const banned = useBan(ban);
  const { pending, submit } = useSending({ channel, receipt, refusal, answer, waitSeconds, onSend, setNotice, setSaid, setWait, onTaken: (sent) => {
    setText((now) => (now === sent ? "" : now));
    if (rules?.slow && !isAbove && isMessage(sent)) setWait(Date.now() + rules.slow * 1000);
    onReplyEnd();
  }, onAnswer: () => box.current?.focus() });
  useEffect(() => setNotice(""), [text]);
  useEffect(() => setWait(0), [rules?.slow, isAbove]);
  const length = [...text.trim()].length;
  const left = maxLength - length;
  const command = commandIn(text, known.commands);

  const write = (words, at) => {
    setText(words);
    setCaret(at);
    wanted.current = at;
  };
  const insert = (words) => {
    const { selectionStart: from, selectionEnd: to } = box.current;
    const before = text.slice(0, from);
    const gap = before && !/\s$/.test(before) ? " " : "";
    write(`${before}${gap}${words} ${text.slice(to)}`, before.length + gap.length + words.length + 1);
  };
  const { list, active, accept, onKey } = useOffers({ text, caret, known, onName, take: write });
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    box.current.focus();
    box.current.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  });
  useEffect(() => {
    if (mention) insert(`@${mention.name}`);
  }, [mention]);
  useEffect(() => {
    if (reply) box.current.focus();
  }, [reply]);

  const send = (event) => {
    event.preventDefault();
    if (pending || banned || length === 0) return;
    if (text.trim().toLowerCase() === HELP) {
      setText("");
      return onHelp();
    }
    if (left < 0) return setNotice(`That is ${-left} ${left === -1 ? "character" : "characters"} too long.`);
    setPicking(false);
    submit(text, reply?.id ?? "");
  };
  const onKeyDown = (event) => {
    if (onKey(event)) event.preventDefault();
    else if (event.key === "Enter" && !event.shiftKey && !isComposing(event)) send(event);
    else if (event.key === "Escape" && reply && !isPicking) onReplyEnd();
  };
  const closePicker = ({ key }) => {
    if (key !== "Escape" || !isPicking) return;
    setPicking(false);
    box.current.focus();
  };
  const noteCaret = ({ target }) => setCaret(target.selectionStart === target.selectionEnd ? target.selectionEnd : 0);

  return h(
    "form",
    { className: "compose", onSubmit: send, onKeyDown: closePicker, "aria-label": "Write to the chat" },
    list.length > 0 && h(Offers, { id, list, active, accept }),
    isPicking && h(Picker, { emotes: known.emotes, onPick: insert, onClose: () => setPicking(false) }),
    reply &&
      h("div", { className: "compose__reply" }, h(Reply, { "aria-hidden": true }),
        h("span", { className: "compose__replied" }, "Replying to ", h("b", null, reply.name), `: ${reply.text}`),
        h("button", { type: "button", className: "btn btn--icon compose__cancel", "aria-label": "Cancel reply", onClick: () => (onReplyEnd(), box.current.focus()) }, h(X, { "aria-hidden": true }))),
    h("div", { className: "compose__row" },
      h("div", { className: "compose__field" },
        h("textarea", {
          ref: box, name: "text", rows: 1, className: "input compose__input", value: text, readOnly: pending, disabled: Boolean(banned),
          placeholder: banned ? "You cannot chat here" : "Send a message", "aria-label": "Message", "aria-invalid": Boolean(notice), "aria-describedby": `${id}-notice ${id}-said`,
          "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": list.length ? id : undefined, "aria-activedescendant": list.length ? `${id}-${active}` : undefined,
          enterKeyHint: "send", autoComplete: "off", onKeyDown, onSelect: noteCaret, onBlur: () => setCaret(0),
          onChange: (event) => (setText(event.target.value), noteCaret(event)),
        }),
        h("button", { type: "button", className: "btn btn--icon compose__smile", "aria-label": "Emoji", "aria-expanded": isPicking, disabled: Boolean(banned), onClick: () => setPicking(!isPicking) }, h(Smile, { "aria-hidden": true }))),
      h("button", { type: "submit", className: "btn btn--primary compose__send", disabled: length === 0 || Boolean(banned), "aria-busy": pending }, "Send")),
    (notice || left <= NEAR) &&
      h("div", { className: "compose__foot" },
        h("span", { id: `${id}-notice`, className: "field__error", role: "alert" }, notice),
        left <= NEAR && h("span", { className: "compose__count", "data-near": true, "data-over": left < 0 }, `${length} / ${maxLength}`)),
    h("div", { className: "compose__said", id: `${id}-said`, role: "status" },
      !banned && (command ? h("div", null, h("code", null, command.usage), ` ${command.help}`) : said && h("div", null, said)),
      h(Standing, { ban: banned, wait, rules, isAbove })),
  );
}

/** Whether `text` is said in the chat: it begins with no slash, or with two. */
function isMessage(text) {
  return !/^\s*\/(?!\/)/.test(text);
}

/**
 * What is under way to the server, and what it answers. Answers to other deeds come by the same road. What is sent before
 * the page knows its channel goes as soon as it does.
 */
function useSending({ channel, receipt, refusal, answer, waitSeconds, onSend, setNotice, setSaid, setWait, onTaken, onAnswer }) {
  const [pending, setPending] = useState(null);
  const sent = useRef(null);
  const untaken = useRef(null); // what was sent last, if the site may not have taken it: it keeps its id
  const answered = useRef(receipt);
  useEffect(() => {
    if (!receipt || receipt === answered.current) return; // empty: the state of this tab was made anew
    answered.current = receipt;
    setNotice(waitSeconds ? "" : refusal); // the line below counts down instead
    if (waitSeconds) setWait(Date.now() + waitSeconds * 1000);
    setSaid(refusal ? "" : (answer ?? ""));
    if (sent.current === null) return;
    if (!refusal) {
      onTaken(sent.current.text);
      untaken.current = null;
    }
    sent.current = null;
    setPending(null);
    onAnswer();
  }, [receipt]);
  useEffect(() => {
    if (!pending) return undefined;
    const timer = setTimeout(() => {
      setPending(null);
      setNotice("No answer from the site. Your text is kept: try again.");
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [pending]);
  useEffect(() => {
    if (!pending || !channel || pending === sent.current) return;
    sent.current = pending;
    onSend?.(channel, pending.text, pending.replyTo, pending.id);
  }, [pending, channel]);
  const submit = (text, replyTo) => {
    untaken.current = attempt(untaken.current, text, replyTo);
    setPending(untaken.current);
    setNotice("");
    setSaid("");
  };
  return { pending: Boolean(pending), submit };
}
