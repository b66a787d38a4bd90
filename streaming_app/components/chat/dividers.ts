// Dividers between messages: at the start of a day, and at the start of the live stream.

import type { Line } from "../feed/feed_lines.ts";
import type { Row } from "./types.ts";

/**
 * `lines` with dividers. `startedAt` is the start of the stream, ISO 8601, or empty. There is no divider if all messages
 * are from today and from one stream.
 */
export function withDividers(
  lines: readonly Line[],
  startedAt: string,
  now = new Date(),
  locale?: string,
): readonly Row[] {
  const start = startedAt ? Date.parse(startedAt) : Number.NEGATIVE_INFINITY;
  const started = `Stream started ${new Date(start).toLocaleTimeString(locale, { hour: "numeric", minute: "2-digit" })}`;
  const result: Row[] = [];
  let day = dayOf(now);
  let last: number | null = null; // time of the previous message
  for (const line of lines) {
    if (line.at) {
      const sent = new Date(line.at);
      const words = [
        last === null && sent.getTime() < start && "Before this stream",
        (last === null ? dayOf(sent) !== day : dayOf(sent) > day) && nameOfDay(sent, now, locale),
        last !== null && last < start && sent.getTime() >= start && started,
      ].filter(Boolean);
      if (words.length) result.push(divider(line.id, words.join(" · ")));
      day = last === null ? dayOf(sent) : Math.max(day, dayOf(sent));
      last = Math.max(last ?? sent.getTime(), sent.getTime());
    }
    result.push(line);
  }
  if (last !== null && last < start) result.push(divider("start", started));
  return result.length === lines.length ? lines : result;
}

function divider(id: string, words: string): Row {
  return { id: `divider ${id}`, cursor: "", words };
}

/** The day in the viewer's time zone, as an increasing number. */
function dayOf(time: Date): number {
  return time.getFullYear() * 10000 + time.getMonth() * 100 + time.getDate();
}

function nameOfDay(time: Date, now: Date, locale?: string): string {
  if (dayOf(time) === dayOf(now)) return "Today";
  const year = time.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return time.toLocaleDateString(locale, { weekday: "short", day: "numeric", month: "short", year });
}
