// The chat beside a recording: each message appears when the player reaches the time at which it was sent.

import { Children, type ReactNode, useEffect, useState } from "react";
import { fetchJson } from "../fetch_json.ts";
import type { FeedMessage } from "../generated.ts";
import { usePreferences } from "./browser_state.ts";
import { MessageList } from "./message_list.tsx";
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
    const leaving = new AbortController();
    const { signal } = leaving;
    const replay = new Replay(path, (view) => signal.aborted || setView(view));
    const onPlayhead = (event: Event) => replay.moveTo((event as CustomEvent<{ at: number }>).detail.at);
    document.addEventListener("playhead", onPlayhead, { signal });
    return () => leaving.abort();
  }, [path]);
  const [rows, waiting, silent, away] = Children.toArray(children);
  const log = { lines: shown, describe, label: "Chat replay", hasTimes: times };
  return (
    <div className="chat__pane" data-phase={phase}>
      {shown.length ? <MessageList {...log}>{rows}</MessageList> : phase === "silent" ? silent : waiting}
      <div role="status">{phase === "away" && away}</div>
    </div>
  );
}

/** The messages from `from` to `completeTo`, in milliseconds since 1970. `retryAt` is the time of the next request. */
const rangeFrom = (from: number) => ({
  from,
  completeTo: from,
  messages: [] as FeedMessage[],
  next: "",
  phase: "waiting" as View["phase"],
  retryAt: 0,
});

/** The messages around the player's position, fetched page by page. A seek starts a new range. */
class Replay {
  private range = rangeFrom(Infinity);
  private at = 0;
  private count = -1; // number of messages of the range up to `at`

  constructor(
    private path: string,
    private onChange: (view: View) => void,
  ) {}

  /** Shows the messages up to `at`, in milliseconds since 1970. */
  moveTo(at: number) {
    this.at = at;
    if (at < this.range.from || at > this.range.completeTo + JUMP_MS) {
      this.range = rangeFrom(Math.max(1, at - BEFORE_MS));
      this.count = -1;
    }
    if (at + AHEAD_MS > this.range.completeTo) this.fetchPage();
    const { messages, phase } = this.range;
    const count = messages.findLastIndex((message) => Date.parse(message.at) <= at) + 1;
    if (count === this.count) return;
    this.count = count;
    this.onChange({ shown: messages.slice(Math.max(0, count - SHOWN_MAX), count), phase });
  }

  private async fetchPage() {
    const { range } = this;
    if (Date.now() < range.retryAt) return;
    range.retryAt = Infinity;
    const query = range.next
      ? `after=${range.next}`
      : `since=${encodeURIComponent(new Date(range.from).toISOString())}`;
    try {
      const page = await fetchJson<Page>(`${this.path}?${query}`);
      range.messages.push(...page.messages);
      range.completeTo = page.complete_to ? Date.parse(page.complete_to) : Infinity;
      if (page.messages.length) range.next = page.next;
      range.phase = range.messages.length || range.completeTo < Infinity ? "known" : "silent";
      range.retryAt = page.messages.length ? 0 : Date.now() + RETRY_MS; // without messages, the recording still grows
    } catch {
      range.phase = "away";
      range.retryAt = Date.now() + RETRY_MS;
    }
    this.count = -1;
    this.moveTo(this.at);
  }
}
