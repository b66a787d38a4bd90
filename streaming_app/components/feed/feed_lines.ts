// The list of a channel's chat messages, as frames change it. Lists and messages are never mutated.

import { type FeedMessage, type FeedQuote, QUOTE_MAX } from "../generated.ts";

export const LINES_MAX = 1000;
export const HELD_MAX = 3000; // while the viewer reads older messages

/** A message, a deleted message without its text, or a gap where messages are missing. */
export type Line = Partial<Omit<FeedMessage, "reply">> & {
  id: string;
  cursor: string;
  reply?: FeedQuote;
  deleted?: boolean;
  isGap?: boolean;
};
type Lines = readonly Line[];

/** Compares cursors: numbers too large for JavaScript, without leading zeros. */
export function isLater(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}

export function latest(cursor: string, messages: Lines): string {
  return messages.reduce((known, message) => (isLater(message.cursor, known) ? message.cursor : known), cursor);
}

/** Returns `lines` followed by the `incoming` messages that are not in it. */
export function append(lines: Lines, incoming: Lines): Lines {
  const ids = new Set(lines.map(({ id }) => id));
  const fresh = incoming.filter(({ id }) => !ids.has(id) && ids.add(id));
  return fresh.length ? [...lines, ...fresh] : lines;
}

export function trimmed(lines: Lines, max: number): Lines {
  return lines.length > max ? lines.slice(lines.length - max) : lines;
}

type Deletion = { ids?: readonly string[]; name?: string; until?: string };

/** Removes the text of messages, by id or of one chatter up to a cursor, and of quotes of them. */
export function remove(lines: Lines, { ids, name, until = "" }: Deletion): Lines {
  const gone = new Set(ids);
  for (const line of lines) if (name && line.name === name && !isLater(line.cursor, until)) gone.add(line.id);
  return lines.map((line) => {
    const { id, cursor, at, role, reply } = line;
    if (gone.has(id)) return { id, cursor, name: line.name, at, role, deleted: true };
    const isQuoteGone = reply && (gone.has(reply.id) || (name && reply.name === name));
    return isQuoteGone ? { ...line, reply: { ...reply, text: null } } : line;
  });
}

/** Inserts deleted messages again at the positions of their cursors, except messages older than all `lines`. */
export function restore(lines: Lines, messages: readonly FeedMessage[]): Lines {
  const back = new Map<string, Line>(messages.map((message) => [message.id, message]));
  const result = lines.map((line) => {
    const restored = back.get(line.id) ?? line;
    back.delete(line.id);
    return restored;
  });
  for (const message of back.values()) {
    const place = result.findLastIndex(({ cursor }) => !isLater(cursor, message.cursor)) + 1;
    if (place || !result.length) result.splice(place, 0, message);
  }
  const texts = new Map(messages.map(({ id, text }) => [id, text.slice(0, QUOTE_MAX)]));
  return result.map((line) => {
    const text = line.reply?.text === null && texts.get(line.reply.id);
    return line.reply && text ? { ...line, reply: { ...line.reply, text } } : line;
  });
}
