// Chat for the picture of a stream: large lines on nothing, without controls, as a browser source of an encoder shows it.

import { createElement as h, useEffect, useMemo, useReducer } from "react";
import { useFeed } from "../feed/feed_client.js";
import { useEmoji, useEmotes } from "./pictures.js";
import { Row } from "./row.js";

const SHOWN_MAX = 40;
const FADE_MS = 1000; // as in overlay.css
const SIZES = { least: 10, usual: 24, most: 96 };
const FADE_MOST_SECONDS = 3600;

export function ChatOverlay({ path, channel }) {
  const { messages, emotesNews } = useFeed(path);
  const emotes = useEmotes(channel, emotesNews);
  const emoji = useEmoji();
  const { size, fade } = useMemo(readQuery, []);
  const shown = useShown(messages, fade);
  useEffect(() => {
    document.documentElement.classList.add("overlaid");
    return () => document.documentElement.classList.remove("overlaid");
  }, []);
  return h(
    "div",
    { className: "overlay", style: { fontSize: size } },
    shown.map((message) =>
      h("div", { key: message.id, className: "overlay__line", "data-leaving": isLeaving(message, fade) || undefined }, h(Row, { message, emotes, emoji }))),
  );
}

/** The newest lines that nobody took away and that are not too old, drawn again when the next one becomes so. */
function useShown(messages, fade) {
  const [, drawAgain] = useReducer((count) => count + 1, 0);
  const now = Date.now();
  const shown = messages.slice(-SHOWN_MAX).filter((message) => message.text && ageOf(message, now) < fade + FADE_MS);
  const waits = shown.flatMap((message) => [fade - ageOf(message, now), fade + FADE_MS - ageOf(message, now)]).filter((wait) => wait > 0);
  const next = Math.min(...waits);
  useEffect(() => {
    if (!Number.isFinite(next)) return undefined;
    const timer = setTimeout(drawAgain, next + 1);
    return () => clearTimeout(timer);
  });
  return shown;
}

function isLeaving(message, fade) {
  return ageOf(message, Date.now()) >= fade;
}

function ageOf(message, now) {
  return Math.max(0, now - Date.parse(message.at));
}

/** `size` in pixels, and after how many milliseconds a line fades: never, unless the address says it in seconds. */
function readQuery() {
  const query = new URLSearchParams(window.location.search);
  const size = Number.parseFloat(query.get("size"));
  const fade = Number.parseFloat(query.get("fade"));
  return {
    size: Math.min(SIZES.most, Math.max(SIZES.least, Number.isFinite(size) ? size : SIZES.usual)),
    fade: fade > 0 ? Math.min(fade, FADE_MOST_SECONDS) * 1000 : Infinity,
  };
}
