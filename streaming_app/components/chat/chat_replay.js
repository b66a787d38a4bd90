// What was said while a recording was made: it appears as the recording plays, and is there again after a seek.

import { createElement as h, useEffect, useState } from "react";
import { useKept } from "./kept.js";
import { Log } from "./log.js";
import { useEmoji, useEmotes } from "./pictures.js";
import { Row } from "./row.js";

const BEFORE_MS = 120_000; // how far back the chat reads when one lands in the middle
const JUMP_MS = 300_000; // who goes this far beyond what is known has jumped
const AHEAD_MS = 20_000; // how soon before it is needed the next page is fetched
const SHOWN_MAX = 200;
const RETRY_MS = 3000;

export function ChatReplay({ path, channel }) {
  const [{ shown, phase }, setView] = useState({ shown: [], phase: "waiting" });
  const emotes = useEmotes(channel, 1);
  const emoji = useEmoji();
  const { times } = useKept();
  useEffect(() => {
    if (!path) return undefined;
    const replay = new Replay(window.frontDoor(path), setView);
    const onPlayhead = ({ detail }) => replay.moveTo(detail.at);
    document.addEventListener("playhead", onPlayhead);
    return () => {
      document.removeEventListener("playhead", onPlayhead);
      replay.close();
    };
  }, [path]);

  return h(
    "div",
    { className: "chat__pane", "data-phase": phase },
    shown.length
      ? h(Log, { lines: shown, label: "Chat replay", className: times ? "chat__log--times" : "", row: (message) => h(Row, { key: message.id, message, emotes, emoji }) })
      : h("div", { className: "chat__empty" },
          h("p", { className: "chat__empty-title" }, phase === "silent" ? "No messages" : "No messages yet"),
          h("p", null, phase === "silent" ? "No one wrote in the chat during this stream." : "Messages appear at the moment they were sent.")),
    h("div", { role: "status" },
      phase === "away" && h("div", { className: "chat__status" }, h("span", { className: "spinner", "aria-hidden": true }), "Chat is unavailable. Trying again…")),
  );
}

/** Pages of messages from `from` on, as far as they are complete; begun anew when a seek leaves them. */
class Replay {
  constructor(url, onChange) {
    this.url = url;
    this.onChange = onChange;
    this.begin(0);
  }

  begin(from) {
    this.abort?.abort();
    clearTimeout(this.timer);
    this.abort = null;
    this.from = from;
    this.messages = [];
    this.completeTo = from;
    this.next = "";
    this.last = -1;
    this.phase = "waiting";
  }

  moveTo(at) {
    if (!this.from || at < this.from || at > this.completeTo + JUMP_MS) this.begin(Math.max(1, at - BEFORE_MS));
    this.at = at;
    if (at + AHEAD_MS > this.completeTo) this.fetch();
    this.show();
  }

  async fetch() {
    if (this.abort || this.timer) return;
    const { signal } = (this.abort = new AbortController());
    const query = this.next ? `after=${this.next}` : `since=${encodeURIComponent(new Date(this.from).toISOString())}`;
    try {
      const answer = await fetch(`${this.url}?${query}`, { signal });
      if (!answer.ok) throw new Error(answer.statusText);
      const page = await answer.json();
      if (signal.aborted) return;
      this.messages.push(...page.messages.map((message) => ({ ...message, time: Date.parse(message.at) })));
      this.completeTo = page.complete_to ? Date.parse(page.complete_to) : Infinity;
      if (page.messages.length) this.next = page.next;
      this.phase = this.messages.length || this.completeTo < Infinity ? "known" : "silent";
      this.abort = null;
      if (this.completeTo < Infinity && !page.messages.length) this.wait();
    } catch {
      if (signal.aborted) return;
      this.abort = null;
      this.phase = "away";
      this.wait();
    }
    this.last = -1;
    this.moveTo(this.at);
  }

  /** A recording that still grows, or a site that does not answer, is asked again in a while. */
  wait() {
    this.timer = setTimeout(() => (this.timer = 0), RETRY_MS);
  }

  show() {
    let count = this.messages.length;
    while (count && this.messages[count - 1].time > this.at) count -= 1;
    if (count === this.last) return;
    this.last = count;
    this.onChange({ shown: this.messages.slice(Math.max(0, count - SHOWN_MAX), count), phase: this.phase });
  }

  close() {
    this.abort?.abort();
    clearTimeout(this.timer);
    this.onChange = () => {};
  }
}
