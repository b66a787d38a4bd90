// One websocket to the feed for each path, shared by every component that reads it, as a store of immutable snapshots.
// It reconnects with back-off, resumes behind the last message it has, and shows no message twice.

import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import { HELD_MAX, LINES_MAX, append, latest, remove, restore, trimmed } from "./feed_lines.ts";
import { longestWait } from "./reconnecting.js";

const LINGER_MS = 1000;
const STEADY_MS = 5000;
const UNSEEN_MS = 500; // between two updates of a page that nobody looks at

const EMPTY = Object.freeze({
  status: "connecting", // connecting | open | waiting
  stream: null, // the channel's stream as the feed told last: {state, stream_id, title, ...}, named as in ChannelView
  viewers: null,
  messages: Object.freeze([]), // the lines: those with `deleted` have no text; `isGap` ones stand where some are missing
  arrived: 0, // messages that ever came, for "N new"
  digest: null, // of the list of what is live, as the catalog's feed told last
  rules: null, // {slow, followers, age}
  pinned: null,
  bans: Object.freeze({}), // until when, by name: null for good; only what was said since the page is open
  roles: Object.freeze({}), // by name, likewise
  standings: Object.freeze({}), // by name, how often either has changed
  emotesNews: 0, // how often the channel's emotes may have changed
  moderationNews: 0, // likewise what its moderators look at
  studioNews: 0, // likewise what its owner looks at; the first welcome is no news
  error: "",
});

class FeedClient {
  constructor(path) {
    this.path = path;
    this.snapshot = EMPTY;
    this.listeners = new Set();
    this.holders = 0;
    this.cursor = "";
    this.gaps = 0;
    this.socket = null;
    this.timer = 0;
    this.attempt = 0;
    this.welcomed = false;
    this.wake = () => {
      if (this.snapshot.status === "waiting") this.connect();
      if (this.unseen) this.tell();
    };
  }

  subscribe(listener) {
    clearTimeout(this.lingering);
    this.listeners.add(listener);
    if (this.listeners.size === 1 && !this.socket && !this.timer) this.open();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.lingering = setTimeout(() => this.close(), LINGER_MS);
    };
  }

  /** Keeps more lines than usual until the returned function is called: someone reads them. */
  hold() {
    this.holders += 1;
    return () => {
      this.holders -= 1;
      this.set({ messages: this.fitting(this.snapshot.messages) });
    };
  }

  open() {
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.connect();
  }

  close() {
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    clients.delete(this.path);
  }

  connect() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.set({ status: this.attempt ? this.snapshot.status : "connecting" });
    const url = new URL(window.frontDoor(this.path));
    url.protocol = url.protocol.replace("http", "ws");
    if (this.cursor) url.searchParams.set("after", this.cursor);
    const socket = new WebSocket(url);
    this.socket = socket;
    let openedAt = 0;
    socket.onopen = () => {
      openedAt = Date.now();
      this.set({ status: "open", error: "" });
    };
    socket.onmessage = ({ data }) => socket === this.socket && this.take(JSON.parse(data));
    socket.onclose = () => {
      if (socket !== this.socket) return;
      if (openedAt && Date.now() - openedAt > STEADY_MS) this.attempt = 0;
      this.retry();
    };
  }

  retry() {
    this.socket = null;
    if (!this.attempt) this.lostAt = performance.now();
    const longest = longestWait(this.attempt++, performance.now() - this.lostAt);
    this.set({ status: "waiting" });
    this.timer = setTimeout(() => this.connect(), longest * (0.5 + Math.random() / 2));
  }

  take(frame) {
    const known = this.snapshot;
    switch (frame.type) {
      case "welcome":
        this.set(this.welcome(frame));
        break;
      case "messages":
        this.set(this.append(frame.messages, known.messages, true));
        break;
      case "deleted":
        this.set({ messages: remove(known.messages, frame) });
        break;
      case "restored":
        this.set({ messages: this.fitting(restore(known.messages, frame.messages)) });
        break;
      case "banned":
        this.set({ bans: { ...known.bans, [frame.name]: frame.until ?? null }, standings: counted(known.standings, frame.name) });
        break;
      case "unbanned": {
        const { [frame.name]: _, ...bans } = known.bans;
        this.set({ bans, standings: counted(known.standings, frame.name) });
        break;
      }
      case "role":
        this.set({ roles: { ...known.roles, [frame.name]: frame.role }, standings: counted(known.standings, frame.name) });
        break;
      case "rules":
        this.set({ rules: frame.rules });
        break;
      case "pinned":
        this.set({ pinned: frame.message });
        break;
      case "gap":
        this.gaps += 1;
        this.set({ messages: this.fitting([...known.messages, { id: `gap-${this.gaps}`, cursor: this.cursor, isGap: true }]) });
        break;
      case "emotes":
        this.set({ emotesNews: known.emotesNews + 1 });
        break;
      case "moderation":
        this.set({ moderationNews: known.moderationNews + 1 });
        break;
      case "studio":
        this.set({ studioNews: known.studioNews + 1 });
        break;
      case "viewers":
        this.set({ viewers: frame.viewers });
        break;
      case "stream":
        this.set({ stream: streamIn(frame) });
        break;
      case "catalog":
        this.set({ digest: frame.digest });
        break;
      case "error":
        this.set({ error: frame.message });
        break;
    }
  }

  /** What changed before a welcome, nobody told: whoever counts news looks once more. */
  welcome({ channel, digest, messages = [], resumed, deleted = [] }) {
    const known = this.snapshot;
    const kept = resumed === false ? [] : remove(known.messages, { ids: deleted });
    if (resumed === false) this.cursor = "";
    const isNews = this.welcomed;
    this.welcomed = true;
    return {
      stream: channel ? { ...known.stream, ...streamIn(channel) } : null,
      digest: digest ?? null,
      viewers: channel?.viewers ?? known.viewers,
      rules: channel?.rules ?? known.rules,
      pinned: channel?.pinned ?? null,
      emotesNews: known.emotesNews + 1,
      moderationNews: known.moderationNews + 1,
      studioNews: known.studioNews + (isNews ? 1 : 0),
      ...this.append(messages, kept, isNews),
    };
  }

  append(incoming, kept, isNews) {
    this.cursor = latest(this.cursor, incoming);
    const messages = append(kept, incoming);
    return { messages: this.fitting(messages), arrived: this.snapshot.arrived + (isNews ? messages.length - kept.length : 0) };
  }

  fitting(messages) {
    return trimmed(messages, this.holders ? HELD_MAX : LINES_MAX);
  }

  /** Changes the snapshot now, and tells of all changes together when the browser draws next. */
  set(change) {
    this.snapshot = { ...this.snapshot, ...change };
    if (this.unseen || this.drawing) return;
    if (document.hidden) this.unseen = setTimeout(() => this.tell(), UNSEEN_MS);
    else this.drawing = requestAnimationFrame(() => this.tell());
  }

  tell() {
    clearTimeout(this.unseen);
    cancelAnimationFrame(this.drawing);
    this.unseen = this.drawing = 0;
    this.told = this.snapshot;
    for (const listener of this.listeners) listener();
  }
}

/** What a frame says of the stream. */
function streamIn({ type, viewers, rules, pinned, ...stream }) {
  return stream;
}

function counted(counts, name) {
  return { ...counts, [name]: (counts[name] ?? 0) + 1 };
}

const clients = new Map();

function clientOf(path) {
  if (!clients.has(path)) clients.set(path, new FeedClient(path));
  return clients.get(path);
}

/** The feed at `path` as it stands now. An empty `path` keeps the last one: the page's state is being made anew. */
export function useFeed(path) {
  return useFeedPart(path, whole);
}

function whole(snapshot) {
  return snapshot;
}

/** Only what `part` takes of the feed: nothing is drawn anew while that is the same object. */
export function useFeedPart(newPath, part) {
  const kept = useRef("");
  if (newPath) kept.current = newPath;
  const path = kept.current;
  return useSyncExternalStore(
    useCallback((listener) => (path ? clientOf(path).subscribe(listener) : () => {}), [path]),
    () => part(path ? (clientOf(path).told ?? EMPTY) : EMPTY),
    () => part(EMPTY),
  );
}

/** Lets the feed keep more lines than usual while `isRead`. */
export function useHeldLines(path, isRead) {
  useEffect(() => (path && isRead ? clientOf(path).hold() : undefined), [path, isRead]);
}
