// Lines among the messages of a chat that say when: where another day begins, and where the stream that is live began.

/**
 * `lines` with dividers {id, isDivider, words} among them. `startedAt` is when the stream began, ISO 8601; empty: there
 * is none. Messages of today alone, all of one stream, need no divider.
 */
export function withDividers(lines, startedAt, now = new Date(), locale = undefined) {
  const start = startedAt ? Date.parse(startedAt) : Infinity;
  const today = dayOf(now);
  const result = [];
  let day = today;
  let isBefore = false; // whether what was seen last is from before the stream
  let isUnseen = true;
  for (const line of lines) {
    const instant = line.at ? new Date(line.at) : null;
    if (instant) {
      const isFirst = isUnseen;
      const begins = isBefore && instant >= start;
      const isOther = dayOf(instant) > day || (isFirst && dayOf(instant) !== today);
      const isEarlier = isFirst && startedAt && instant < start;
      const words = [isEarlier && "Before this stream", isOther && nameOf(instant, now, locale), begins && startWords(start, locale)].filter(Boolean);
      if (words.length) result.push({ id: `divider ${line.id}`, isDivider: true, words: words.join(" · ") });
      if (isFirst || isOther) day = dayOf(instant);
      if (isFirst || begins) isBefore = instant < start && startedAt !== "";
    }
    isUnseen &&= !instant;
    result.push(line);
  }
  if (isBefore) result.push({ id: "divider start", isDivider: true, words: startWords(start, locale) });
  return result.length === lines.length ? lines : result;
}

/** A day where the reader is, as a number that grows. */
function dayOf(instant) {
  return instant.getFullYear() * 10000 + instant.getMonth() * 100 + instant.getDate();
}

function nameOf(instant, now, locale) {
  if (dayOf(instant) === dayOf(now)) return "Today";
  const year = instant.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return instant.toLocaleDateString(locale, { weekday: "short", day: "numeric", month: "short", year });
}

function startWords(start, locale) {
  return `Stream started ${new Date(start).toLocaleTimeString(locale, { hour: "numeric", minute: "2-digit" })}`;
}
