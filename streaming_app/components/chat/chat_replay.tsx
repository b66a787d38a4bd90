// The chat beside a recording: each message appears when the player reaches the time at which it was sent.

import { type ReactNode, useEffect, useMemo, useState } from "react";
import { fetchJson } from "../fetch_json.ts";
import type { FeedMessage } from "../generated.ts";
import { MessageList } from "./message_list.tsx";
import { useDescribe } from "./shown_lines.ts";

type Page = { messages: FeedMessage[]; next: string; complete_to: string | null };
type Range = ReturnType<typeof rangeFrom>;

const BEFORE_MS = 120_000; // the chat starts this long before the position after a seek
const JUMP_MS = 300_000; // a step this far beyond the fetched messages counts as a seek
const AHEAD_MS = 20_000; // the next page is fetched this long before it is needed
const SHOWN_MAX = 200;
const RETRY_MS = 3000;

/**
 * `path` is the URL path of the messages. The player reports its position by `playhead` events on the document.
 */
export function ChatReplay({ path, channel, children }: { path: string; channel: string; children: ReactNode }) {
  const [at, setAt] = useState(0); // the player's position, in milliseconds since 1970
  const [range, setRange] = useState(() => rangeFrom("", 0)); // a seek starts a new range
  const describe = useDescribe(channel, 1);
  useEffect(() => {
    const onPlayhead = (event: Event) => setAt((event as CustomEvent<{ at: number }>).detail.at);
    document.addEventListener("playhead", onPlayhead);
    return () => document.removeEventListener("playhead", onPlayhead);
  }, []);
  useEffect(() => {
    if (!path || !at) return;
    const isElsewhere = path !== range.path || at < range.from || at > range.completeTo + JUMP_MS;
    const wanted = isElsewhere ? rangeFrom(path, Math.max(1, at - BEFORE_MS)) : range;
    if (isElsewhere) setRange(wanted); // `range` may be older than the state, which has more messages then
    if (at + AHEAD_MS <= wanted.completeTo || Date.now() < wanted.retryAt) return;
    wanted.retryAt = Infinity;
    withNextPage(wanted).then((longer) => setRange((current) => (current === wanted ? longer : current)));
  }, [path, at, range]);
  const { messages, phase } = range;
  const count = messages.findLastIndex((message) => Date.parse(message.at) <= at) + 1;
  const shown = useMemo(() => messages.slice(Math.max(0, count - SHOWN_MAX), count), [messages, count]);
  return (
    <MessageList lines={shown} describe={describe} phase={phase}>
      {children}
    </MessageList>
  );
}

/** The messages from `from` to `completeTo`, in milliseconds since 1970. `retryAt` is the time of the next request. */
const rangeFrom = (path: string, from: number) => ({
  path,
  from,
  completeTo: from,
  messages: [] as readonly FeedMessage[],
  next: "",
  phase: "waiting" as "waiting" | "known" | "silent" | "away",
  retryAt: 0,
});

async function withNextPage(range: Range): Promise<Range> {
  const query = range.next ? `after=${range.next}` : `since=${new Date(range.from).toISOString()}`;
  try {
    const page = await fetchJson<Page>(`${range.path}?${query}`);
    const messages = [...range.messages, ...page.messages];
    const completeTo = page.complete_to ? Date.parse(page.complete_to) : Infinity;
    const phase = messages.length || completeTo < Infinity ? "known" : "silent";
    const isLast = !page.messages.length; // the recording may still grow
    const next = isLast ? range.next : page.next;
    return { ...range, messages, completeTo, phase, next, retryAt: isLast ? Date.now() + RETRY_MS : 0 };
  } catch {
    return { ...range, phase: "away", retryAt: Date.now() + RETRY_MS };
  }
}
