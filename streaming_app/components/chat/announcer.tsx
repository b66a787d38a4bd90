// Announces new messages to screen readers, at a limited rate even in a fast chat.

import { useEffect, useRef, useState } from "react";
import type { Line } from "../feed/feed_lines.ts";

const INTERVAL_MS = 4000;
const READ_MAX = 2;

/** `arrived` is the number of messages so far. Messages of `me` are not announced. */
export function Announcer({ lines, arrived, me }: { lines: readonly Line[]; arrived: number; me: string }) {
  const [announcement, setAnnouncement] = useState("");
  const newest = useRef({ lines, arrived, me });
  const announced = useRef(arrived);
  newest.current = { lines, arrived, me };
  useEffect(() => {
    const timer = setInterval(() => {
      const { lines: known, arrived: count, me: name } = newest.current;
      const unread = Math.min(count - announced.current, known.length);
      announced.current = count;
      if (unread > 0) setAnnouncement(describe(known.slice(-unread).filter((line) => line.text && line.name !== name)));
    }, INTERVAL_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="visually-hidden" aria-live="polite" data-announcer>
      {announcement}
    </div>
  );
}

function describe(lines: readonly Line[]): string {
  const more = lines.length - READ_MAX;
  const read = lines.slice(-READ_MAX).map(({ name, text }) => `${name}: ${text}`);
  return [...(more > 0 ? [`${more} more ${more === 1 ? "message" : "messages"}.`] : []), ...read].join(" ");
}
