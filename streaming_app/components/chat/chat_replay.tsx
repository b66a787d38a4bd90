// The chat beside a recording: each message appears when the player reaches the time at which it was sent.

import { Children, type ReactNode, useEffect, useState } from "react";
import type { FeedMessage } from "../generated.ts";
import { fetchJson } from "./emoji.ts";
import { Log } from "./log.tsx";
import { usePreferences } from "./preferences.ts";
import { useDescribe } from "./shown_lines.ts";

type View = { shown: FeedMessage[]; phase: "waiting" | "known" | "silent" | "away" };
type Page = { messages: FeedMessage[]; next: string; complete_to: string | null };

const BEFORE_MS = 120_000; // the chat starts this long before the position after a seek
const JUMP_MS = 300_000; // a step this far beyond the fetched messages counts as a seek
const AHEAD_MS = 20_000; // the next page is fetched this long before it is needed
const SHOWN_MAX = 200;
const RETRY_MS = 3000;

/**
 * `path` is the URL path of the messages. The player reports its position by `playhead` events on the document. The
 * children are the rows, then the elements to show before the first message, when nobody wrote, and when the site does
 * not answer.
 */
export function ChatReplay({ path, channel, children }: { path: string; channel: string; children: ReactNode }) {
  const [{ shown, phase }, setView] = useState<View>({ shown: [], phase: "waiting" });
  const describe = useDescribe(channel, 1);
  const { times } = usePreferences();
  useEffect(() => {
    if (!path) return undefined;
    const replay = new Replay(window.frontDoor(path), setView);
    const onPlayhead = (event: Event) => replay.moveTo((event as CustomEvent<{ at: number }>).detail.at);
    document.addEventListener("playhead", onPlayhead);
    return () => {
      document.removeEventListener("playhead", onPlayhead);
      replay.close();
    };
  }, [path]);
  const [rows, waiting, silent, away] = Children.toArray(children);
  const log = { lines: shown, describe, label: "Chat replay", hasTimes: times };
  return (
    <div className="chat__pane" data-phase={phase}>
      {shown.length ? <Log {...log}>{rows}</Log> : phase === "silent" ? silent : waiting}
      <div role="status">{phase === "away" && away}</div>
    </div>
  );
}

/** The messages from `from` to `completeTo`, both in milliseconds, fetched page by page. A seek starts a new range. */
class Replay {
  private readonly url: string;
  private readonly onChange: (view: View) => void;
  private abort: AbortController | null = null;
  private timer = 0;
  private from = 0;
  private completeTo = 0;
  private at = 0;
  private messages: FeedMessage[] = [];
  private next = "";
  private count = -1; // number of messages up to `at`
  private phase: View["phase"] = "waiting";

  constructor(url: string, onChange: (view: View) => void) {
    this.url = url;
    this.onChange = onChange;
  }

  /** Shows the messages up to `at`, in milliseconds since 1970. */
  moveTo(at: number) {
    if (!this.from || at < this.from || at > this.completeTo + JUMP_MS) this.begin(Math.max(1, at - BEFORE_MS));
    this.at = at;
    if (at + AHEAD_MS > this.completeTo) this.fetch();
    let count = this.messages.length;
    while (count && Date.parse((this.messages[count - 1] as FeedMessage).at) > at) count -= 1;
    if (count === this.count) return;
    this.count = count;
    this.onChange({ shown: this.messages.slice(Math.max(0, count - SHOWN_MAX), count), phase: this.phase });
  }

  close() {
    this.abort?.abort();
    clearTimeout(this.timer);
  }

  private begin(from: number) {
    this.close();
    Object.assign(this, {
      abort: null,
      timer: 0,
      from,
      completeTo: from,
      messages: [],
      next: "",
      count: -1,
      phase: "waiting",
    });
  }

  private async fetch() {
    if (this.abort || this.timer) return;
    this.abort = new AbortController();
    const { signal } = this.abort;
    const query = this.next ? `after=${this.next}` : `since=${encodeURIComponent(new Date(this.from).toISOString())}`;
    try {
      const page = await fetchJson<Page>(`${this.url}?${query}`, signal);
      if (signal.aborted) return;
      this.messages.push(...page.messages);
      this.completeTo = page.complete_to ? Date.parse(page.complete_to) : Infinity;
      if (page.messages.length) this.next = page.next;
      this.phase = this.messages.length || this.completeTo < Infinity ? "known" : "silent";
      if (this.completeTo < Infinity && !page.messages.length) this.wait(); // the recording still grows
    } catch {
      if (signal.aborted) return;
      this.phase = "away";
      this.wait();
    }
    this.abort = null;
    this.count = -1;
    this.moveTo(this.at);
  }

  private wait() {
    this.timer = window.setTimeout(() => {
      this.timer = 0;
    }, RETRY_MS);
  }
}
