// The chat of one channel: what is said as it comes, and the box to say something. Its list lives here, not in the
// server's state for this tab.

import { createElement as h, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useFeed, useHeldLines } from "../feed/feed_client.js";
import { Announcer } from "./announcer.js";
import { Ask } from "./ask.js";
import { Commands } from "./commands.js";
import { withDividers } from "./dividers.js";
import { ComposeBox } from "./compose_box.js";
import { Empty, Waiting } from "./empty.js";
import { Head } from "./head.js";
import { mute, useKept } from "./kept.js";
import { Log } from "./log.js";
import { Menu } from "./menu.js";
import { isModerator, messageItems } from "./message_menu.js";
import { Chatters, Muted, useChatters } from "./people.js";
import { Pinned } from "./pinned.js";
import { useEmoji, useEmotes } from "./pictures.js";
import { Row } from "./row.js";

/** `children` stand in the place of the box for who is not signed in. */
export function ChatPane({ path, channel, slug, me, isAlone, role, ban, commands, onOpen, onModerate, children, ...box }) {
  const feed = useFeed(path);
  const { status, messages, arrived, error, pinned, rules, bans, standings, emotesNews } = feed;
  const emotes = useEmotes(channel, emotesNews);
  const emoji = useEmoji();
  const lines = useUnmuted(messages);
  const startedAt = useStart(path, feed.stream?.started_at);
  const divided = useMemo(() => withDividers(lines, startedAt), [lines, startedAt]);
  const [isReading, setReading] = useState(false);
  const [jump, setJump] = useState(null);
  const [menu, setMenu] = useState(null);
  const [question, setQuestion] = useState(null);
  const [panel, setPanel] = useState("");
  const [reply, setReply] = useState(null);
  const [mention, setMention] = useState(null);
  const missed = useMissed(arrived, isReading);
  const known = useKnown({ messages, emotes, emoji, commands, channel });
  useHeldLines(path, isReading);
  useOpening({ channel, me, role, changes: standings[me] ?? 0, onOpen });

  const newest = useRef(messages);
  newest.current = messages;
  const openMenu = useCallback((message, anchor) => {
    const line = typeof message === "string" ? newest.current.find(({ id }) => id === message) : message;
    if (line?.text) setMenu({ message: line, anchor });
  }, []);
  const jumpTo = useCallback((id) => setJump({ id }), []);
  const deed = (name, { id = "", name: whom = "", minutes = "", reason = "" }) => onModerate?.(channel, name, whom, id, String(minutes), reason);
  const writeTo = (name) => {
    setPanel("");
    setMention({ name });
  };
  const row = (message) => h(Row, { key: message.id, message, me, emotes, emoji, onMenu: openMenu, onJump: jumpTo });
  const isBusy = Boolean(menu || question);

  return h(
    "div",
    { className: "chat__whole" },
    h(Head, { slug, role, isAlone, hasCommands: commands?.length > 0, onPanel: setPanel }),
    h(
      "div",
      { className: "chat__pane", "data-status": status },
      pinned && h(Pinned, { message: pinned, me, emotes, emoji, onUnpin: isModerator(role) ? () => deed("unpin", { id: pinned.id }) : null }),
      lines.length === 0
        ? h(status === "connecting" ? Waiting : Empty, { away: status === "waiting", canWrite: Boolean(me) })
        : h(Lines, { key: path, lines: divided, row, jump, isHeld: isBusy, onMenu: openMenu, onReading: setReading }),
      h(Announcer, { key: `read ${path}`, lines, arrived, me }),
      missed > 0 &&
        h("button", { type: "button", className: "btn btn--primary chat__more", onClick: () => setJump({ id: "" }) },
          `${missed.toLocaleString()} new ${missed === 1 ? "message" : "messages"} ↓`),
      h("div", { role: "status" },
        (status === "waiting" || error) &&
          h("div", { className: "chat__status", "data-lost": !error || undefined },
            !error && h("span", { className: "spinner", "aria-hidden": true }),
            error || "Connection lost. Reconnecting…")),
      panel === "chatters" && h(Chatters, { channel, me, onClose: () => setPanel(""), onMention: me ? writeTo : null }),
      panel === "commands" && h(Commands, { commands: commands ?? [], onClose: () => setPanel("") }),
      panel === "muted" && h(Muted, { onClose: () => setPanel("") }),
    ),
    me
      ? h(ComposeBox, { ...box, channel, known, rules, ban, isAbove: isModerator(role), reply, mention,
          onReplyEnd: () => setReply(null), onName: known.askNames, onHelp: () => setPanel("commands") })
      : children,
    menu && h(Menu, { anchor: menu.anchor, label: menu.message.name, onClose: () => setMenu(null), items: messageItems({
      message: menu.message, me, role, isPinned: pinned?.id === menu.message.id, isBanned: menu.message.name in bans,
      onReply: setReply, onMention: writeTo, onCopy: copy, onMute: mute, onDeed: deed, onAsk: setQuestion }) }),
    question && h(Ask, { question, onClose: () => setQuestion(null) }),
  );
}

/** Asks what one may do here: at first, when it changes, and when the server has forgotten this tab. */
function useOpening({ channel, me, role, changes, onOpen }) {
  const asked = useRef("");
  const key = `${channel} ${me} ${changes}`;
  useEffect(() => {
    if (!channel || !me || (role && asked.current === key)) return;
    asked.current = key;
    onOpen?.(channel);
  }, [key, role === ""]);
}

function Lines(props) {
  const { times } = useKept();
  return h(Log, { ...props, label: "Chat messages", hint: "Arrow keys move among the messages, Enter opens the menu of one.", className: times ? "chat__log--times" : "" });
}

function useUnmuted(messages) {
  const { muted } = useKept();
  return useMemo(() => (muted.length ? messages.filter(({ name }) => !muted.includes(name)) : messages), [messages, muted]);
}

/** When the channel's stream began, also after it has ended; empty until one was live. */
function useStart(path, startedAt) {
  const known = useRef({});
  if (known.current.path !== path || startedAt) known.current = { path, startedAt: startedAt ?? "" };
  return known.current.startedAt;
}

function useMissed(arrived, isReading) {
  const seen = useRef(arrived);
  if (!isReading) seen.current = arrived;
  return arrived - seen.current;
}

/** What the box can offer; names are put together when they are asked for. */
function useKnown({ messages, emotes, emoji, commands, channel }) {
  const [isAsked, setAsked] = useState(false);
  const chatters = useChatters(channel, isAsked);
  const names = useMemo(
    () => (isAsked ? [...new Set([...messages.flatMap(({ name }) => name ?? []).reverse(), ...(chatters ?? []).map(({ name }) => name)])] : []),
    [isAsked && messages, chatters],
  );
  return { names, emotes, emoji, commands: commands ?? [], askNames: () => setAsked(true) };
}

function copy(text) {
  window.copyText(text);
}
