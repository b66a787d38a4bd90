// What a row of the list shows of a line, which depends on the viewer.

import { hueOf, mentions, type Part, partsOf, sameName } from "./text.ts";
import type { Emoji, Emotes, Row } from "./types.ts";

/** `for_me`: it mentions or answers the viewer. A flag is left out when it is false, because rows use it as an attribute. */
export type ShownLine = Row & {
  hue: number; // of the name, in degrees
  time: string;
  sent_at: string; // with the date
  parts: Part[];
  large?: true;
  for_me?: true;
  gap?: boolean;
};

type Context = { me: string; emotes: Emotes; emoji: Emoji };

/** Describes `line` for the viewer `me`. `needsEmoji`: the text may have emoji by name, and `emoji` is null. */
export function describeLine(line: Row, { me, emotes, emoji }: Context): { shown: ShownLine; needsEmoji: boolean } {
  const { name = "", text = "", at = "", reply } = line;
  const { parts, needsEmoji, isLarge } = partsOf(text, { emotes, emoji });
  const isForMe = text && (mentions(parts, me) || (sameName(reply?.name, me) && !sameName(name, me)));
  const sent = new Date(at);
  const shown: ShownLine = {
    ...line,
    hue: hueOf(name),
    time: sent.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
    sent_at: sent.toLocaleString(),
    parts: parts.map((part) => (part.kind === "mention" && sameName(part.name, me) ? { ...part, me: true } : part)),
    large: isLarge || undefined,
    for_me: isForMe ? true : undefined,
    gap: line.isGap,
  };
  return { shown, needsEmoji };
}
