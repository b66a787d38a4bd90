// Components that read the feed, except the chat: a live channel, a viewer count, and listeners that render nothing.

import { Eye } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import type { ChannelView } from "../generated.ts";
import { useFeedPart } from "./feed_client.ts";

const SETTLE_MS = 3000; // after this time, a recording is likely to have its last segment
const END_SPREAD_MS = 5000; // maximum random delay of requests after the end of a stream

/** Returns `channel` with the later changes of its stream from the feed. */
export function useLiveChannel(channel: ChannelView): ChannelView {
  const stream = useFeedPart(channel.feed, (feed) => feed.stream);
  return useMemo(() => (stream && channel.state ? { ...channel, ...stream } : channel), [channel, stream]);
}

type StreamListenerProps = { channel: ChannelView; onChange: (state: string) => void };

/** Calls `onChange` with the stream's state when the feed sends a stream that differs from `channel`. */
export function StreamListener({ channel, onChange }: StreamListenerProps) {
  const stream = useFeedPart(channel.feed, (feed) => feed.stream);
  useEffect(() => {
    if (!stream || !channel.state) return;
    const differs = Object.entries(stream).some(([key, value]) => channel[key as keyof ChannelView] !== value);
    if (differs) onChange(stream.state);
  }, [stream]);
  return null;
}

/** Calls `onEnd` with the id of a stream that ended while the page was open, some seconds later. */
export function StreamEndListener({ channel, onEnd }: { channel: ChannelView; onEnd: (streamId: string) => void }) {
  const stream = useFeedPart(channel.feed, (feed) => feed.stream);
  const state = stream?.state ?? channel.state;
  const wasRunning = useRef(false);
  useEffect(() => {
    const hasEnded = wasRunning.current && state === "offline";
    if (state) wasRunning.current = state !== "offline";
    if (!hasEnded) return;
    const timer = setTimeout(() => onEnd(stream?.stream_id ?? ""), SETTLE_MS + Math.random() * END_SPREAD_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return null;
}

type FeedListenerProps = {
  path: string;
  part: "digest" | "moderationNews" | "studioNews";
  shown: string | number;
  spreadMs: number;
  onChange: (told: string | number) => void;
};

/**
 * Calls `onChange` with a `part` of the feed, after a random delay of at most `spreadMs`, if it differs from `shown`, which is
 * what the page shows. An empty `shown` means that the page has not loaded yet.
 */
export function FeedListener({ path, part, shown, spreadMs, onChange }: FeedListenerProps) {
  const told = useFeedPart(path, (feed) => feed[part]);
  useEffect(() => {
    if (told === null || shown === "" || told === shown) return;
    const timer = setTimeout(() => onChange(told), Math.random() * spreadMs);
    return () => clearTimeout(timer);
  }, [told, shown]);
  return null;
}

/** Shows the number of viewers once the feed has sent it. */
export function ViewerCount({ path, className }: { path: string; className?: string }) {
  const viewers = useFeedPart(path, (feed) => feed.viewers);
  if (viewers === null) return null;
  return (
    <span className={className}>
      <Eye aria-hidden="true" />
      <span data-viewers={viewers}>{`${viewers.toLocaleString()} ${viewers === 1 ? "viewer" : "viewers"}`}</span>
    </span>
  );
}
