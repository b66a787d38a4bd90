// Components that read the feed, except the chat: a live channel, a viewer count, and listeners that render nothing.

import { Eye } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import type { ChannelView } from "../generated.ts";
import { useFeedPart } from "./feed_client.ts";

const CATALOG_SPREAD_MS = 1500; // maximum random delay of requests after a change of the list of live channels
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

type CatalogListenerProps = { path: string; digest: string; onChange: (digest: string) => void };

/** Calls `onChange` with the digest of the list of live channels if it differs from `digest`, the one that the page shows. */
export function CatalogListener({ path, digest, onChange }: CatalogListenerProps) {
  const told = useFeedPart(path, (feed) => feed.digest);
  useEffect(() => {
    if (told === null || !digest || told === digest) return;
    const timer = setTimeout(() => onChange(told), Math.random() * CATALOG_SPREAD_MS);
    return () => clearTimeout(timer);
  }, [told, digest]);
  return null;
}

type NewsListenerProps = { path: string; topic: "moderationNews" | "studioNews"; onChange: () => void };

/** Calls `onChange` when there may be something new for a channel's moderators or owner. */
export function NewsListener({ path, topic, onChange }: NewsListenerProps) {
  const count = useFeedPart(path, (feed) => feed[topic]);
  const seen = useRef(count);
  useEffect(() => {
    if (count !== seen.current) onChange();
    seen.current = count;
  }, [count]);
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
