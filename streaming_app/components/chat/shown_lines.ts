// The lines that a list of messages gives to its rows (chat_row.py).

import { createContext, useContext, useMemo } from "react";
import { describeLine, type Row, type ShownLine } from "./describe_line.ts";
import { fetchEmoji, useEmoji, useEmotes } from "./emoji.ts";

export const ShownLines = createContext<readonly ShownLine[]>([]);

export function useShownLines(): readonly ShownLine[] {
  return useContext(ShownLines);
}

/** A function that describes lines for the viewer `me`. It returns the same object for a line until emotes change. */
export function useDescribe(channel: string, emotesVersion: number, me = ""): (line: Row) => ShownLine {
  const emotes = useEmotes(channel, emotesVersion);
  const { emoji } = useEmoji();
  return useMemo(() => {
    const known = new WeakMap<Row, ShownLine>();
    const emojiOf = (name: string) => {
      if (!emoji) fetchEmoji();
      return emoji?.get(name);
    };
    return (line) => {
      const shown = known.get(line) ?? describeLine(line, me, { emotes, emojiOf });
      known.set(line, shown);
      return shown;
    };
  }, [me, emotes, emoji]);
}
