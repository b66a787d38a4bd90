// One websocket to the feed for each path, shared by all components that read it. It reconnects automatically, and
// resumes after the newest message that it has.

import ReconnectingWebSocket from "partysocket/ws";
import { useEffect, useRef } from "react";
import { createStore, useStore } from "zustand";
import type { Frame } from "../generated.ts";
import { changes, EMPTY, type Snapshot } from "./feed_state.ts";

export const RECONNECTION = {
  connectionTimeout: 10000,
  minReconnectionDelay: 1000 * (0.5 + Math.random() / 2), // random, so that the pages do not connect all at once
  maxReconnectionDelay: 15000 * (0.5 + Math.random() / 2),
  // Delays grow slowly. So they stay below 2 s for 30 s: a restart takes some seconds, and chat should be back soon after it.
  reconnectionDelayGrowFactor: 1.033,
};
const LINGER_MS = 1000; // an unused websocket is closed after this time
const HIDDEN_MS = 500; // between two updates of a page in the background
const FRAME_MS = 16;

function createFeed(path: string) {
  const store = createStore(() => EMPTY);
  const frames: Frame[] = []; // not yet in the store
  let socket: ReconnectingWebSocket | undefined;
  let readers = 0;
  let closeTimer = 0;
  const url = () => {
    const { cursor } = store.getState();
    return window.frontDoor(cursor ? `${path}?after=${cursor}` : path).replace("http", "ws");
  };
  const update = () => {
    for (const frame of frames.splice(0)) store.setState((known) => changes(known, frame));
  };
  const connect = () => {
    socket?.close();
    socket = new ReconnectingWebSocket(url, [], RECONNECTION);
    socket.onopen = () => store.setState({ status: "open", error: "" });
    socket.onclose = () => store.setState({ status: "waiting" });
    socket.onmessage = ({ data }) => {
      if (frames.push(JSON.parse(data)) === 1) setTimeout(update, document.hidden ? HIDDEN_MS : FRAME_MS);
    };
  };
  const connectAtOnce = () => {
    if (socket?.readyState === WebSocket.CLOSED) connect();
  };
  const close = () => {
    window.removeEventListener("offline", connect);
    window.removeEventListener("online", connectAtOnce);
    document.removeEventListener("visibilitychange", connectAtOnce);
    socket?.close();
    socket = undefined;
    feeds.delete(path);
  };
  /** Keeps the feed open until the returned function is called. */
  const open = () => {
    clearTimeout(closeTimer);
    readers += 1;
    if (!socket) {
      feeds.set(path, feed);
      window.addEventListener("offline", connect); // the browser may not close a websocket without a network for minutes
      window.addEventListener("online", connectAtOnce);
      document.addEventListener("visibilitychange", connectAtOnce);
      connect();
    }
    return () => {
      readers -= 1;
      if (!readers) closeTimer = window.setTimeout(close, LINGER_MS);
    };
  };
  const feed = { store, open };
  return feed;
}

const feeds = new Map<string, ReturnType<typeof createFeed>>();

/**
 * Returns a `part` of the feed at `newPath`; the component renders again only when the part is another object. An empty path
 * keeps the last one: the state of the page is being created again.
 */
export function useFeedPart<Part>(newPath: string, part: (snapshot: Snapshot) => Part): Part {
  const kept = useRef("");
  if (newPath) kept.current = newPath;
  const path = kept.current;
  const feed = feeds.get(path) ?? createFeed(path);
  feeds.set(path, feed);
  useEffect(() => (path ? feed.open() : undefined), [feed]);
  return useStore(feed.store, part);
}
