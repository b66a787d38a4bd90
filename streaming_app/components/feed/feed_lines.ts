// The list of a channel's chat messages, as frames change it. Lists and messages are never mutated.

import { type FeedMessage, type FeedQuote, QUOTE_MAX } from "../generated.ts";

export const LINES_MAX = 3000;

/** A message, a deleted message without its text, or a gap where messages are missing. */
export type Line = Partial<Omit<FeedMessage, "reply">> & {
  id: string;
  cursor: string;
  reply?: FeedQuote;
  deleted?: boolean;
  gap?: boolean;
};
type Lines = readonly Line[];

/** Compares cursors, which are numbers too large for JavaScript. */
export const compareCursors = new Intl.Collator("en", { numeric: true }).compare;

export function latest(cursor: string, messages: Lines): string {
  return messages.reduce((known, { cursor: next }) => (compareCursors(next, known) > 0 ? next : known), cursor);
}

/** Returns `lines` followed by the `incoming` messages that are not in it. */
export function append(lines: Lines, incoming: Lines): Lines {
  const ids = new Set(lines.map(({ id }) => id));
  const fresh = incoming.filter(({ id }) => !ids.has(id) && ids.add(id));
  return fresh.length ? [...lines, ...fresh] : lines;
}

/** Returns `lines` without the oldest lines above the limit. */
export function trimmed(lines: Lines, max = LINES_MAX): Lines {
  return lines.length > max ? lines.slice(-max) : lines;
}

type Deletion = { ids?: readonly string[]; name?: string; until?: string };

/** Removes the text of messages, by id or of one chatter up to a cursor, and of quotes of them. */
export function remove(lines: Lines, { ids, name, until = "" }: Deletion): Lines {
  const gone = new Set(ids);
  for (const line of lines)
    if (name && line.name === name && compareCursors(line.cursor, until) <= 0) gone.add(line.id);
  return lines.map((line) => {
    const { id, cursor, at, role, reply } = line;
    if (gone.has(id)) return { id, cursor, name: line.name, at, role, deleted: true };
    const isQuoteGone = reply && (gone.has(reply.id) || (name && reply.name === name));
    return isQuoteGone ? { ...line, reply: { ...reply, text: null } } : line;
  });
}

/** Inserts deleted messages again at the positions of their cursors, except messages older than all `lines`. */
export function restore(lines: Lines, messages: readonly FeedMessage[]): Lines {
  const texts = new Map(messages.map(({ id, text }) => [id, text.slice(0, QUOTE_MAX)]));
  const restored: Lines = messages.filter(({ cursor }) => compareCursors(cursor, lines[0]?.cursor ?? "") >= 0);
  const others = lines.filter(({ id }) => !texts.has(id));
  const result = [...restored, ...others].sort((a, b) => compareCursors(a.cursor, b.cursor));
  return result.map((line) => {
    const text = line.reply?.text === null && texts.get(line.reply.id);
    return line.reply && text ? { ...line, reply: { ...line.reply, text } } : line;
  });
}
