// One websocket to the feed for each path, shared by all components that read it. It reconnects automatically, and
// resumes after the newest message that it has.

import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import type { Frame } from "../generated.ts";
import { RetryTimer } from "../retry_timer.ts";
import { changes, EMPTY, type Snapshot } from "./feed_state.ts";
import { longestDelay } from "./reconnect_delay.ts";

const FIRST_DELAY_MS = 500;
const LINGER_MS = 1000; // an unused websocket is closed after this time
const STEADY_MS = 5000;
const HIDDEN_MS = 500; // between two updates of a page in the background
const FRAME_MS = 16;

class FeedClient {
  /** The snapshot that listeners received last. */
  told: Snapshot = EMPTY;
  private snapshot: Snapshot = EMPTY;
  private listeners = new Set<() => void>();
  private socket: WebSocket | null = null;
  private retries = new RetryTimer(FIRST_DELAY_MS);
  private closeTimer = 0;
  private tellTimer = 0;
  private lostAt = 0;

  constructor(private path: string) {}

  subscribe(listener: () => void) {
    clearTimeout(this.closeTimer);
    this.listeners.add(listener);
    if (this.listeners.size === 1 && !this.socket && !this.retries.isWaiting) {
      window.addEventListener("online", this.wake);
      document.addEventListener("visibilitychange", this.wake);
      this.connect();
    }
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.closeTimer = window.setTimeout(() => this.close(), LINGER_MS);
    };
  }

  private wake = () => {
    if (this.snapshot.status === "waiting") this.connect();
  };

  private close() {
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.retries.cancel();
    const { socket } = this;
    this.socket = null;
    socket?.close();
    clients.delete(this.path);
  }

  private connect() {
    this.retries.cancel();
    if (!this.retries.failures) this.set({ status: "connecting" });
    const url = new URL(window.frontDoor(this.path));
    url.protocol = url.protocol.replace("http", "ws");
    if (this.snapshot.cursor) url.searchParams.set("after", this.snapshot.cursor);
    const socket = new WebSocket(url);
    this.socket = socket;
    let openedAt = Infinity;
    socket.onopen = () => {
      openedAt = performance.now();
      this.set({ status: "open", error: "" });
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.set(changes(this.snapshot, JSON.parse(data) as Frame));
    };
    socket.onclose = () => {
      if (socket !== this.socket) return;
      this.socket = null;
      if (performance.now() - openedAt > STEADY_MS) this.retries.failures = 0;
      if (!this.retries.failures) this.lostAt = performance.now();
      this.set({ status: "waiting" });
      this.retries.start(longestDelay(performance.now() - this.lostAt), () => this.connect());
    };
  }

  /** Changes the snapshot now, and notifies listeners of all changes together soon after. */
  set(change: Partial<Snapshot>) {
    this.snapshot = { ...this.snapshot, ...change };
    this.tellTimer ||= window.setTimeout(() => this.tell(), document.hidden ? HIDDEN_MS : FRAME_MS);
  }

  private tell() {
    this.tellTimer = 0;
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
  useEffect(() => {
    if (path) clientOf(path).set({ isHeld: isRead });
  }, [path, isRead]);
}
