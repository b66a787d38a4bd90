// The message pinned above the chat. Its elements are in pinned_message.py.

import { useFeedPart } from "../feed/feed_client.ts";
import type { ShownLine } from "./describe_line.ts";
import { useDescribe } from "./shown_lines.ts";

/** The pinned message of the channel whose feed is at `path`, for the viewer `me`; null if there is none. */
export function usePinned(path: string, channel: string, me: string): ShownLine | null {
  const pinned = useFeedPart(path, (feed) => feed.pinned);
  const emotesNews = useFeedPart(path, (feed) => feed.emotesNews);
  const describe = useDescribe(channel, pinned ? emotesNews : 0, me);
  return pinned && describe(pinned);
}
