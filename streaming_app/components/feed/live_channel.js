// A channel as its feed changes it while the page is open, without asking the server; and listeners for pages that have
// to ask.

import { useEffect, useMemo, useRef } from "react";
import { useFeedPart } from "./feed_client.js";

const SETTLE_MS = 3000; // until a recording is likely to have its last segment
const SPREAD_MS = 5000; // over which all open pages spread their questions after the end of a stream

const streamOf = ({ stream }) => stream;

/** The ChannelView `channel`, with what the feed has told of its stream since. */
export function useLiveChannel(channel) {
  const stream = useFeedPart(channel.feed, streamOf);
  return useMemo(() => (stream && channel.state ? { ...channel, ...stream } : channel), [channel, stream]);
}

/** Fires `onChange` with the stream's state when the feed tells anything else than `channel`, what the page was given. */
export function StreamListener({ channel, onChange }) {
  const stream = useFeedPart(channel.feed, streamOf);
  useEffect(() => {
    if (stream && channel.state && Object.keys(stream).some((key) => stream[key] !== channel[key])) onChange?.(stream.state);
  }, [stream]);
  return null;
}

/** Fires `onEnd` with the id of a stream that ended while the page was open: some seconds later, each page at a time of its own. */
export function StreamEndListener({ channel, onEnd }) {
  const stream = useFeedPart(channel.feed, streamOf);
  const state = stream?.state ?? channel.state;
  const running = useRef(false);
  useEffect(() => {
    const hasEnded = running.current && state === "offline";
    if (state) running.current = state !== "offline";
    if (!hasEnded) return undefined;
    const timer = setTimeout(() => onEnd?.(stream?.stream_id ?? ""), SETTLE_MS + Math.random() * SPREAD_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return null;
}
