// Announces new messages to screen readers, at a limited rate even in a fast chat.

import { useState } from "react";
import { useNow } from "../clock.tsx";
import type { Line } from "../feed/feed_lines.ts";

const INTERVAL_MS = 4000;
const READ_MAX = 2;

/** `arrived` is the number of messages so far. Messages of `me` are not announced. */
export function Announcer({ lines, arrived, me }: { lines: readonly Line[]; arrived: number; me: string }) {
  const now = useNow();
  const [{ text, count, next }, setAnnounced] = useState({ text: "", count: arrived, next: 0 });
  const unread = Math.min(arrived - count, lines.length);
  if (unread > 0 && now > next)
    setAnnounced({ text: describe(lines.slice(-unread), me), count: arrived, next: now + INTERVAL_MS });
  return (
    <div className="visually-hidden" aria-live="polite">
      {text}
    </div>
  );
}

function describe(lines: readonly Line[], me: string): string {
  const texts = lines.flatMap(({ name, text }) => (text && name !== me ? `${name}: ${text}` : []));
  const more = texts.length - READ_MAX;
  const summary = more > 0 ? `${more} more ${more === 1 ? "message" : "messages"}. ` : "";
  return summary + texts.slice(-READ_MAX).join(" ");
}
