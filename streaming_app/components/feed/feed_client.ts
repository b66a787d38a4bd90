// One websocket to the feed for each path, shared by all components that read it. It reconnects automatically, and
// resumes after the newest message that it has.

import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import type { Frame } from "../generated.ts";
import { changes, EMPTY, fitting, type Snapshot } from "./feed_state.ts";
import { longestWait } from "./reconnecting.ts";

const LINGER_MS = 1000; // an unused websocket is closed after this time
const STEADY_MS = 5000;
const HIDDEN_MS = 500; // between two updates of a page in the background

class FeedClient {
  /** The snapshot that listeners received last. */
  told: Snapshot = EMPTY;
  private snapshot: Snapshot = EMPTY;
  private listeners = new Set<() => void>();
  private holders = 0;
  private socket: WebSocket | null = null;
  private retryTimer = 0;
  private closeTimer = 0;
  private hiddenTimer = 0;
  private drawing = 0;
  private attempt = 0;
  private lostAt = 0;

  constructor(private path: string) {}

  subscribe(listener: () => void) {
    clearTimeout(this.closeTimer);
    this.listeners.add(listener);
    if (this.listeners.size === 1 && !this.socket && !this.retryTimer) {
      window.addEventListener("online", this.wake);
      document.addEventListener("visibilitychange", this.wake);
      this.connect();
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.closeTimer = window.setTimeout(() => this.close(), LINGER_MS);
    };
  }

  /** Keeps more messages than usual until the function that it returns is called. */
  hold() {
    this.set({ isHeld: ++this.holders > 0 });
    return () => {
      const isHeld = --this.holders > 0;
      this.set({ isHeld, messages: fitting({ ...this.snapshot, isHeld }, this.snapshot.messages) });
    };
  }

  private wake = () => {
    if (this.snapshot.status === "waiting") this.connect();
    if (this.hiddenTimer) this.tell();
  };

  private close() {
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    clearTimeout(this.retryTimer);
    const { socket } = this;
    this.socket = null;
    socket?.close();
    clients.delete(this.path);
  }

  private connect() {
    clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    if (!this.attempt) this.set({ status: "connecting" });
    const url = new URL(window.frontDoor(this.path));
    url.protocol = url.protocol.replace("http", "ws");
    if (this.snapshot.cursor) url.searchParams.set("after", this.snapshot.cursor);
    const socket = new WebSocket(url);
    this.socket = socket;
    let openedAt = 0;
    socket.onopen = () => {
      openedAt = Date.now();
      this.set({ status: "open", error: "" });
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.set(changes(this.snapshot, JSON.parse(data) as Frame));
    };
    socket.onclose = () => {
      if (socket !== this.socket) return;
      if (openedAt && Date.now() - openedAt > STEADY_MS) this.attempt = 0;
      this.retry();
    };
  }

  private retry() {
    this.socket = null;
    if (!this.attempt) this.lostAt = performance.now();
    const longest = longestWait(this.attempt++, performance.now() - this.lostAt);
    this.set({ status: "waiting" });
    this.retryTimer = window.setTimeout(() => this.connect(), longest * (0.5 + Math.random() / 2));
  }

  /** Changes the snapshot now, and notifies listeners of all changes together before the next frame is drawn. */
  private set(change: Partial<Snapshot>) {
    this.snapshot = { ...this.snapshot, ...change };
    if (this.hiddenTimer || this.drawing) return;
    if (document.hidden) this.hiddenTimer = window.setTimeout(() => this.tell(), HIDDEN_MS);
    else this.drawing = requestAnimationFrame(() => this.tell());
  }

  private tell() {
    clearTimeout(this.hiddenTimer);
    cancelAnimationFrame(this.drawing);
    this.hiddenTimer = this.drawing = 0;
    this.told = this.snapshot;
    for (const listener of this.listeners) listener();
  }
}

const clients = new Map<string, FeedClient>();

function clientOf(path: string): FeedClient {
  const client = clients.get(path) ?? new FeedClient(path);
  clients.set(path, client);
  return client;
}

/** Returns the feed at `path`. An empty `path` keeps the last one: the page's state is being created again. */
export function useFeed(path: string): Snapshot {
  return useFeedPart(path, (snapshot) => snapshot);
}

/** Returns a `part` of the feed; the component renders again only when the part is another object. */
export function useFeedPart<Part>(newPath: string, part: (snapshot: Snapshot) => Part): Part {
  const kept = useRef("");
  if (newPath) kept.current = newPath;
  const path = kept.current;
  return useSyncExternalStore(
    useCallback((listener) => (path ? clientOf(path).subscribe(listener) : () => {}), [path]),
    () => part(path ? clientOf(path).told : EMPTY),
    () => part(EMPTY),
  );
}

/** Lets the feed keep more messages than usual while `isRead`. */
export function useHeldLines(path: string, isRead: boolean) {
  useEffect(() => (path && isRead ? clientOf(path).hold() : undefined), [path, isRead]);
}
