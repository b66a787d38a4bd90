// Dividers between messages: at the start of a day, and at the start of the live stream.

import type { Line } from "../feed/feed_lines.ts";
import type { Row } from "./describe_line.ts";

/**
 * `lines` with dividers. `startedAt` is the start of the stream, ISO 8601, or empty. There is no divider if all messages
 * are from today and from one stream.
 */
export function withDividers(lines: readonly Line[], startedAt: string, now = new Date(), locale?: string) {
  const start = new Date(startedAt); // without a stream, comparisons with it are false
  const started = `Stream started ${start.toLocaleTimeString(locale, { hour: "numeric", minute: "2-digit" })}`;
  const result: Row[] = [];
  let newest: Date | null = null; // the newest time of the messages above
  for (const line of lines) {
    if (line.at) {
      const sent = new Date(line.at);
      const isOtherDay = newest ? dayOf(sent) > dayOf(newest) : dayOf(sent) !== dayOf(now);
      const words = [
        !newest && sent < start && "Before this stream",
        isOtherDay && nameOfDay(sent, now, locale),
        newest && newest < start && sent >= start && started,
      ].filter(Boolean);
      if (words.length) result.push({ id: `divider ${line.id}`, cursor: "", words: words.join(" · ") });
      if (!newest || sent > newest) newest = sent;
    }
    result.push(line);
  }
  if (newest && newest < start) result.push({ id: "divider start", cursor: "", words: started });
  return result.length === lines.length ? lines : result;
}

/** The start of the day in the viewer's time zone, in milliseconds. */
function dayOf(time: Date): number {
  return new Date(time).setHours(0, 0, 0, 0);
}

function nameOfDay(time: Date, now: Date, locale?: string): string {
  if (dayOf(time) === dayOf(now)) return "Today";
  const year = time.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return time.toLocaleDateString(locale, { weekday: "short", day: "numeric", month: "short", year });
}
