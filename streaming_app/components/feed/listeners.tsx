// What reads the feed, except the chat: a live channel, and listeners that render nothing.

import { useEffect, useMemo } from "react";
import type { ChannelView } from "../generated.ts";
import { useFeedPart } from "./feed_client.ts";
import type { Snapshot } from "./feed_state.ts";

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

type FeedListenerProps = {
  path: string;
  part: (feed: Snapshot) => string | number | null | undefined;
  shown: string | number | null;
  waitMs: number;
  spreadMs: number;
  onChange: (told: string | number) => void;
};

/**
 * Calls `onChange` with a `part` of the feed, after `waitMs` and a random time of at most `spreadMs`, if it is not empty and
 * differs from `shown`, which is what the page shows. `shown` is null until the page has loaded.
 */
export function FeedListener({ path, part, shown, waitMs, spreadMs, onChange }: FeedListenerProps) {
  const told = useFeedPart(path, part);
  useEffect(() => {
    if (!told || shown === null || told === shown) return;
    const timer = setTimeout(() => onChange(told), waitMs + Math.random() * spreadMs);
    return () => clearTimeout(timer);
  }, [told, shown]);
  return null;
}
