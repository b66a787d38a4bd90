// What a list of messages gives to the components that render it (chat_row.py), and the message pinned above it.

import { createContext, useContext, useMemo, useState } from "react";
import { useFeedPart } from "../feed/feed_client.ts";
import { describeLine, type Row, type ShownLine } from "./describe_line.ts";
import { useEmoji, useEmotes } from "./emoji.ts";

type ShownList = { lines: readonly ShownLine[]; log: object; [field: string]: unknown };

export const ShownLines = createContext<ShownList | null>(null);

/** The fields of ShownList in chat_row.py. */
export const useShownLines = () => useContext(ShownLines);

/** A function that describes lines for the viewer `me`. It returns the same object for a line until emotes change. */
export function useDescribe(channel: string, emotesVersion: number, me = ""): (line: Row) => ShownLine {
  const emotes = useEmotes(channel, emotesVersion);
  const [needsEmoji, setNeedsEmoji] = useState(false);
  const emoji = useEmoji(needsEmoji);
  return useMemo(() => {
    const known = new WeakMap<Row, ShownLine>();
    const emojiOf = (name: string) => {
      if (!needsEmoji) queueMicrotask(() => setNeedsEmoji(true)); // not while another component renders
      return emoji.get(name);
    };
    return (line) => {
      const shown = known.get(line) ?? describeLine(line, me, { emotes, emojiOf });
      known.set(line, shown);
      return shown;
    };
  }, [me, emotes, emoji]);
}

/** The pinned message of the channel whose feed is at `path`, for the viewer `me`; null if there is none. */
export function usePinned(path: string, channel: string, me: string): ShownLine | null {
  const pinned = useFeedPart(path, (feed) => feed.pinned);
  const emotesNews = useFeedPart(path, (feed) => feed.emotesNews);
  const describe = useDescribe(channel, pinned ? emotesNews : 0, me);
  return pinned && describe(pinned);
}
