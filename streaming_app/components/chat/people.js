// Who is here, and whom one does not want to read: lists that lie over the messages.

import { createElement as h, useEffect, useRef, useState } from "react";
import { X } from "lucide-react";
import { Badge, Name } from "./row.js";
import { unmute, useKept } from "./kept.js";

const REFRESH_MS = 15000;

/** The signed-in people who are in this chat, {name, role?}, asked for while `isWanted`; null until known. */
export function useChatters(channel, isWanted) {
  const [chatters, setChatters] = useState(null);
  useEffect(() => {
    if (!channel || !isWanted) return undefined;
    const leaving = new AbortController();
    const ask = () =>
      fetch(window.frontDoor(`/api/channels/${channel}/chatters`), { signal: leaving.signal })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.statusText)))
        .then((found) => setChatters(found.chatters))
        .catch(() => leaving.signal.aborted || setChatters((known) => known ?? []));
    ask();
    const timer = setInterval(ask, REFRESH_MS);
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, [channel, isWanted]);
  return chatters;
}

export function Chatters({ channel, onClose, onMention }) {
  const chatters = useChatters(channel, true);
  const [wanted, setWanted] = useState("");
  const shown = (chatters ?? []).filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const title = chatters?.length ? `Chatters (${chatters.length})` : "Chatters";
  return h(
    Panel,
    { title, onClose },
    h("input", { className: "input people__search", type: "search", placeholder: "Find a name", "aria-label": "Find a name", value: wanted, onChange: ({ target }) => setWanted(target.value) }),
    chatters && !shown.length && h("p", { className: "people__none" }, chatters.length ? "Nobody of that name is here." : "Nobody who is signed in is here."),
    h("ul", { className: "people__list" },
      shown.map(({ name, role }) =>
        h("li", { key: name, className: "people__one" }, h("span", { className: "people__who" }, role && h(Badge, { role }), h(Name, { name })),
          onMention && h("button", { type: "button", className: "btn btn--sm", "aria-label": `Mention ${name}`, onClick: () => onMention(name) }, "Mention")))),
  );
}

export function Muted({ onClose }) {
  const { muted } = useKept();
  return h(
    Panel,
    { title: "Muted people", onClose },
    h("p", { className: "people__none" }, muted.length ? "You do not see what they write. They do not know." : "You have muted nobody. A message's menu can."),
    h("ul", { className: "people__list" },
      muted.map((name) =>
        h("li", { key: name, className: "people__one" }, h(Name, { name }),
          h("button", { type: "button", className: "btn btn--secondary btn--sm", "aria-label": `Unmute ${name}`, onClick: () => unmute(name) }, "Unmute")))),
  );
}

function Panel({ title, onClose, children }) {
  const panel = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current.focus();
    return () => before?.isConnected && before.focus?.();
  }, []);
  return h(
    "section",
    { className: "people", "aria-label": title, ref: panel, tabIndex: -1, onKeyDown: ({ key }) => key === "Escape" && onClose() },
    h("header", { className: "people__head" }, h("h3", null, title),
      h("button", { type: "button", className: "btn btn--icon btn--sm", "aria-label": "Close", onClick: onClose }, h(X, { "aria-hidden": true }))),
    children,
  );
}
