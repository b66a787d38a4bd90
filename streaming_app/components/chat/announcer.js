// Reads new messages to those who listen, at a rate that can be borne however fast the chat is.

import { createElement as h, useEffect, useRef, useState } from "react";

const PAUSE_MS = 4000;
const READ_MAX = 2;

export function Announcer({ lines, arrived, me }) {
  const [words, setWords] = useState("");
  const newest = useRef({});
  const read = useRef(null);
  newest.current = { lines, arrived, me };
  read.current ??= arrived;
  useEffect(() => {
    const timer = setInterval(() => {
      const { lines: known, arrived: count, me: name } = newest.current;
      const fresh = Math.min(count - read.current, known.length);
      read.current = count;
      if (fresh > 0) setWords(inWords(known.slice(-fresh).filter((line) => line.text && line.name !== name)));
    }, PAUSE_MS);
    return () => clearInterval(timer);
  }, []);
  return h("div", { className: "visually-hidden", "aria-live": "polite", "data-announcer": true }, words);
}

function inWords(lines) {
  const said = lines.slice(-READ_MAX).map(({ name, text }) => `${name}: ${text}`);
  const more = lines.length - said.length;
  return [...(more > 0 ? [`${more} more ${more === 1 ? "message" : "messages"}.`] : []), ...said].join(" ");
}
