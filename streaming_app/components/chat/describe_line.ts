// Converts a line of the chat into the values that its row shows. They depend on the viewer.

import type { Line } from "../feed/feed_lines.ts";
import { hueOf, isLarge, type Pictures, partsOf, sameName } from "./message_text.ts";

/** A line of the list: one of the feed, or a divider with its text in `words`. */
export type Row = Line & { words?: string };

/** `Line` of chat_row.py. */
export type ShownLine = ReturnType<typeof describeLine>;

/** Describes `line` for the viewer `me`. A false flag is left out: rows use flags as attributes. */
export function describeLine(line: Row, me: string, pictures: Pictures) {
  const { name = "", text = "", at = "", reply } = line;
  const parts = partsOf(text, pictures, me);
  const isAnswer = text && sameName(reply?.name, me) && !sameName(name, me);
  const sent = new Date(at);
  return {
    ...line,
    hue: hueOf(name),
    time: sent.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
    sent_at: sent.toLocaleString(),
    parts,
    large: isLarge(parts) || undefined,
    for_me: isAnswer || parts.some((part) => part.me) || undefined,
  };
}
