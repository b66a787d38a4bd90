// The messages of one channel, as frames change them. Lists and lines are never mutated: each change makes new ones.

export const LINES_MAX = 1000;
export const HELD_MAX = 3000; // while someone reads further up

const QUOTE_MAX = 100;

/** Whether cursor `a` is behind cursor `b`: numbers too large for JavaScript, without leading zeros. */
export function isLater(a, b) {
  return a.length === b.length ? a > b : a.length > b.length;
}

export function latest(cursor, messages) {
  return messages.reduce((known, message) => (isLater(message.cursor, known) ? message.cursor : known), cursor);
}

/** What of `incoming` is not in `lines` yet, behind them. */
export function append(lines, incoming) {
  const ids = new Set(lines.map(({ id }) => id));
  const fresh = incoming.filter(({ id }) => !ids.has(id) && ids.add(id));
  return fresh.length ? [...lines, ...fresh] : lines;
}

export function trimmed(lines, max) {
  return lines.length > max ? lines.slice(lines.length - max) : lines;
}

/** Lines whose text is gone: those named, or all of one chatter up to a cursor. Quotes of them are gone too. */
export function remove(lines, { ids, name, until }) {
  const named = new Set(ids ?? []);
  const isGone = (line) => named.has(line.id) || (Boolean(name) && line.name === name && !isLater(line.cursor, until));
  const gone = new Set(lines.filter(isGone).map(({ id }) => id));
  const isQuoteGone = ({ id, name: quoted }) => named.has(id) || gone.has(id) || (Boolean(name) && quoted === name);
  return lines.map((line) => {
    if (gone.has(line.id)) return { id: line.id, cursor: line.cursor, name: line.name, at: line.at, role: line.role, deleted: true };
    if (line.reply && isQuoteGone(line.reply)) return { ...line, reply: { ...line.reply, text: null } };
    return line;
  });
}

/** Puts deleted lines back where their cursors say; those older than everything here stay away. */
export function restore(lines, messages) {
  const back = new Map(messages.map((message) => [message.id, message]));
  const result = lines.map((line) => {
    const whole = back.get(line.id) ?? line;
    back.delete(line.id);
    return whole;
  });
  for (const message of back.values()) {
    let place = result.length;
    while (place && isLater(result[place - 1].cursor, message.cursor)) place -= 1;
    if (place || !result.length) result.splice(place, 0, message);
  }
  const texts = new Map(messages.map(({ id, text }) => [id, text.slice(0, QUOTE_MAX)]));
  return result.map((line) =>
    line.reply?.text === null && texts.has(line.reply.id) ? { ...line, reply: { ...line.reply, text: texts.get(line.reply.id) } } : line,
  );
}
