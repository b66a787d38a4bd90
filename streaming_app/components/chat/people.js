// Who is here, and whom one does not want to read: lists that lie over the messages.

import { createElement as h, useEffect, useState } from "react";
import { Panel } from "./panel.js";
import { Badge, Name, sameName } from "./row.js";
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

/** `me` is the username of who looks; `onMention` is null for who cannot write. */
export function Chatters({ channel, me, onClose, onMention }) {
  const chatters = useChatters(channel, true);
  const [wanted, setWanted] = useState("");
  const shown = (chatters ?? []).filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const title = chatters?.length ? `Chatters (${chatters.length})` : "Chatters";
  return h(
    Panel,
    { title, onClose },
    h("input", { className: "input people__search", type: "search", placeholder: "Find a name", "aria-label": "Find a name", value: wanted, onChange: ({ target }) => setWanted(target.value) }),
    chatters && !shown.length && h("p", { className: "panel-over__text" }, chatters.length ? "No one by that name is here." : "No one who is signed in is here."),
    h("ul", { className: "panel-over__list", tabIndex: onMention ? undefined : 0, "aria-label": "Names" },
      shown.map(({ name, role }) =>
        h("li", { key: name, className: "people__one" }, h("span", { className: "people__who" }, role && h(Badge, { role }), h(Name, { name })),
          onMention && !sameName(name, me) && h("button", { type: "button", className: "btn btn--sm", "aria-label": `Mention ${name}`, onClick: () => onMention(name) }, "Mention")))),
  );
}

export function Muted({ onClose }) {
  const { muted } = useKept();
  return h(
    Panel,
    { title: "Muted people", onClose },
    h("p", { className: "panel-over__text" }, muted.length ? "You don't see their messages. They are not told." : "You have muted no one. Open the menu of a message to mute its sender."),
    h("ul", { className: "panel-over__list" },
      muted.map((name) =>
        h("li", { key: name, className: "people__one" }, h(Name, { name }),
          h("button", { type: "button", className: "btn btn--secondary btn--sm", "aria-label": `Unmute ${name}`, onClick: () => unmute(name) }, "Unmute")))),
  );
}
