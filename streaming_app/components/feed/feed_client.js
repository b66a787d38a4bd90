// One websocket to the feed for each path, shared by every component that reads it, as a store of immutable snapshots.
// It reconnects with back-off, resumes behind the last message it has, and shows no message twice.

import { useRef, useSyncExternalStore } from "react";

const MAX_MESSAGES = 200;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15000;
const LINGER_MS = 1000;
const STEADY_MS = 5000;

const EMPTY = Object.freeze({
  status: "connecting", // connecting | open | waiting
  stream: "", // live | reconnecting | offline; "" until the feed has said
  streamNews: 0, // how often the feed has said it: the stream's words may be new though its state is not
  viewers: null,
  messages: Object.freeze([]),
  arrived: 0, // messages that ever came, for "N new"
  changes: 0, // how often what the page shows may have changed: catalog frames and welcomes
  error: "",
});

class FeedClient {
  constructor(path) {
    this.path = path;
    this.snapshot = EMPTY;
    this.listeners = new Set();
    this.ids = new Set();
    this.socket = null;
    this.timer = 0;
    this.attempt = 0;
    this.welcomed = false;
    this.wake = () => this.snapshot.status === "waiting" && this.connect();
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
    const cursor = this.snapshot.messages.at(-1)?.cursor;
    if (cursor) url.searchParams.set("after", cursor);
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
    const longest = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.attempt++);
    this.set({ status: "waiting" });
    this.timer = setTimeout(() => this.connect(), longest * (0.5 + Math.random() / 2));
  }

  take(frame) {
    const known = this.snapshot;
    switch (frame.type) {
      case "welcome":
        if (frame.resumed === false) this.ids.clear();
        this.set({
          stream: frame.channel?.state ?? known.stream,
          streamNews: known.streamNews + 1,
          viewers: frame.channel?.viewers ?? known.viewers,
          changes: known.changes + 1, // what changed before this welcome, nobody told: look once more
          ...this.append(frame.messages ?? [], frame.resumed === false ? [] : known.messages, this.welcomed),
        });
        this.welcomed = true;
        break;
      case "messages":
        this.set(this.append(frame.messages, known.messages, true));
        break;
      case "viewers":
        this.set({ viewers: frame.viewers });
        break;
      case "stream":
        this.set({ stream: frame.state, streamNews: known.streamNews + 1 });
        break;
      case "catalog":
        this.set({ changes: known.changes + 1 });
        break;
      case "error":
        this.set({ error: frame.message });
        break;
    }
  }

  append(incoming, kept, isNews) {
    const fresh = incoming.filter(({ id }) => !this.ids.has(id) && this.ids.add(id));
    const messages = [...kept, ...fresh];
    for (const { id } of messages.splice(0, messages.length - MAX_MESSAGES)) this.ids.delete(id);
    return { messages, arrived: this.snapshot.arrived + (isNews ? fresh.length : 0) };
  }

  set(change) {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of this.listeners) listener();
  }
}

const clients = new Map();

function clientOf(path) {
  if (!clients.has(path)) clients.set(path, new FeedClient(path));
  return clients.get(path);
}

/** The feed at `path` as it stands now. An empty `path` keeps the last one: the page's state is being made anew. */
export function useFeed(newPath) {
  const kept = useRef("");
  if (newPath) kept.current = newPath;
  const path = kept.current;
  return useSyncExternalStore(
    (listener) => (path ? clientOf(path).subscribe(listener) : () => {}),
    () => (path ? clientOf(path).snapshot : EMPTY),
    () => EMPTY,
  );
}
