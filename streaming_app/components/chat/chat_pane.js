// The messages of one channel as they come. Its list lives here, not in the server's state for this tab.

import { createElement as h, memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useFeed } from "../../feed/feed_parts/feed_client.js";

const NEAR_BOTTOM_PX = 48;

export function ChatPane({ path, onStream }) {
  const { status, stream, streamNews, messages, arrived, error } = useFeed(path);
  const { log, following, follow, onScroll } = useFollow(messages, path);
  const missed = useMissed(arrived, following);
  useEffect(() => {
    if (stream) onStream?.(stream);
  }, [streamNews]);

  return h(
    "div",
    { className: "chat__pane", "data-status": status },
    messages.length === 0
      ? h(status === "open" ? Empty : status === "connecting" ? Waiting : Empty, { away: status === "waiting" })
      : h(
          "div",
          { className: "chat__log", ref: log, onScroll, tabIndex: 0, role: "log", "aria-live": "polite", "aria-label": "Chat messages" },
          messages.map((message) => h(Row, { key: message.id, message })),
        ),
    missed > 0 &&
      h("button", { type: "button", className: "btn btn--primary chat__more", onClick: follow },
        `${missed} new ${missed === 1 ? "message" : "messages"} ↓`),
    h("div", { role: "status" },
      (status === "waiting" || error) &&
        h("div", { className: "chat__status" },
          !error && h("span", { className: "spinner", "aria-hidden": true }),
          error || "Connection lost. Reconnecting…")),
  );
}

/** Keeps the newest line in sight until the reader scrolls away from it. */
function useFollow(messages, path) {
  const log = useRef(null);
  const [following, setFollowing] = useState(true);
  const toBottom = () => log.current && (log.current.scrollTop = log.current.scrollHeight);
  const follow = () => {
    setFollowing(true);
    toBottom();
  };
  const onScroll = () => {
    const { scrollHeight, scrollTop, clientHeight } = log.current;
    setFollowing(scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX);
  };
  useLayoutEffect(() => setFollowing(true), [path]);
  useLayoutEffect(() => {
    if (following) toBottom();
  }, [messages, following]);
  useEffect(() => {
    if (!log.current) return undefined;
    const observer = new ResizeObserver(() => following && toBottom());
    observer.observe(log.current);
    return () => observer.disconnect();
  }, [following, messages.length === 0]);
  return { log, following, follow, onScroll };
}

function useMissed(arrived, following) {
  const seen = useRef(arrived);
  if (following) seen.current = arrived;
  return arrived - seen.current;
}

export const Row = memo(function Row({ message }) {
  const at = new Date(message.at);
  return h(
    "div",
    { className: "chat__row", "data-message": message.id },
    h("span", { className: "chat__name", style: { "--hue": hueOf(message.name) } }, message.name),
    h("span", { className: "chat__text" }, message.text),
    h("time", { className: "chat__time", dateTime: message.at, title: at.toLocaleString() },
      at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })),
  );
});

function Empty({ away }) {
  return h(
    "div",
    { className: "chat__empty" },
    h("svg", { viewBox: "0 0 48 48", fill: "none", stroke: "currentColor", strokeWidth: 2.5, strokeLinejoin: "round", "aria-hidden": true },
      h("path", { d: "M8 10h32v22H22l-9 8v-8H8Z" }), h("path", { d: "M17 21h.01M24 21h.01M31 21h.01", strokeLinecap: "round", strokeWidth: 4 })),
    h("p", { className: "chat__empty-title" }, away ? "Chat is out of reach" : "Nobody has said anything yet"),
    h("p", null, away ? "It comes back by itself." : "The first line is yours."),
  );
}

function Waiting() {
  const widths = ["62%", "84%", "48%", "71%", "56%"];
  return h("div", { className: "chat__wait", "aria-hidden": true },
    widths.map((width) => h("div", { key: width, className: "skeleton", style: { width } })));
}

/** A hue for a name: FNV-1a, as `hue_of` in streaming_app/state/views.py. */
function hueOf(name) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name.toLowerCase())) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % 360;
}
