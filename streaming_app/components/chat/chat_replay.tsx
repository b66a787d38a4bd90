// The chat beside a recording: each message appears when the player reaches the time at which it was sent.

import { useEffect, useState } from "react";
import type { FeedMessage } from "../generated.ts";
import { fetchJson, useEmoji, useEmotes } from "./emoji.ts";
import { Log } from "./log.tsx";
import { usePreferences } from "./preferences.ts";
import { Row } from "./row.tsx";

type View = { shown: FeedMessage[]; phase: "waiting" | "known" | "silent" | "away" };
type Page = { messages: FeedMessage[]; next: string; complete_to: string | null };

const BEFORE_MS = 120_000; // how far back the chat begins after a seek
const JUMP_MS = 300_000; // going this far beyond what is known is a seek
const AHEAD_MS = 20_000; // how early the next page is fetched
const SHOWN_MAX = 200;
const RETRY_MS = 3000;

/** `path` is the address of the messages. The player tells its position by `playhead` events on the document. */
export function ChatReplay({ path, channel }: { path: string; channel: string }) {
  const [{ shown, phase }, setView] = useState<View>({ shown: [], phase: "waiting" });
  const emotes = useEmotes(channel, 1);
  const emoji = useEmoji();
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

  const isSilent = phase === "silent";
  return (
    <div className="chat__pane" data-phase={phase}>
      {shown.length > 0 ? (
        <Log
          lines={shown}
          label="Chat replay"
          hasTimes={times}
          row={(message) => <Row key={message.id} message={message} emotes={emotes} emoji={emoji} />}
        />
      ) : (
        <div className="chat__empty">
          <p className="chat__empty-title">{isSilent ? "No messages" : "No messages yet"}</p>
          <p>{isSilent ? "No one chatted during this stream." : "Messages appear at the moment they were sent."}</p>
        </div>
      )}
      <div role="status">
        {phase === "away" && (
          <div className="chat__status">
            <span className="spinner" aria-hidden />
            Chat is unavailable. Trying again…
          </div>
        )}
      </div>
    </div>
  );
}

/** The messages from `from` to `completeTo`, both in milliseconds, fetched page by page. It starts again after a seek. */
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
  private count = -1; // of the messages up to `at`
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
