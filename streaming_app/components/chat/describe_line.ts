// Converts a line of the chat into the values that its row shows. They depend on the viewer.

import type { Line } from "../feed/feed_lines.ts";
import { hueOf, mentions, type Part, type Pictures, partsOf, sameName } from "./message_text.ts";

/** A line of the list: one of the feed, or a divider with its text in `words`. */
export type Row = Line & { words?: string };

/** `for_me`: the line mentions or replies to the viewer. A false flag is left out: rows use flags as attributes. */
export type ShownLine = Row & {
  hue: number; // hue of the name, in degrees
  time: string;
  sent_at: string; // time and date
  parts: Part[];
  large?: true;
  for_me?: true;
  gap?: boolean;
};

/** Describes `line` for the viewer `me`. */
export function describeLine(line: Row, me: string, pictures: Pictures): ShownLine {
  const { name = "", text = "", at = "", reply } = line;
  const { parts, isLarge } = partsOf(text, pictures);
  const isForMe = text && (mentions(parts, me) || (sameName(reply?.name, me) && !sameName(name, me)));
  const sent = new Date(at);
  return {
    ...line,
    hue: hueOf(name),
    time: sent.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
    sent_at: sent.toLocaleString(),
    parts: parts.map((part) => (part.kind === "mention" && sameName(part.name, me) ? { ...part, me: true } : part)),
    large: isLarge || undefined,
    for_me: isForMe ? true : undefined,
    gap: line.isGap,
  };
}
