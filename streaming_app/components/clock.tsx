// Running clocks and timers, and dates in the language and time zone of the user.

import { useEffect, useMemo, useState } from "react";
import { formatClock } from "./format_time.ts";

/** Returns the current Unix time in ms, each second until `end` while the page is visible; 0 before the first render. */
export function useNow(end = Infinity): number {
  const [now, setNow] = useState(0);
  const isOver = end <= now;
  useEffect(() => {
    setNow(Date.now());
    if (isOver) return undefined;
    const timer = setInterval(() => document.hidden || setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [end, isOver]);
  return now;
}

/** Shows the time since `since` (ISO 8601), such as 42:07 or 1:42:07. */
export function Uptime({ since }: { since: string }) {
  const now = useNow();
  if (!since || !now) return null;
  const text = formatClock(Math.max(0, (now - Date.parse(since)) / 1000));
  const title = `Since ${new Date(since).toLocaleString()}`;
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: without it, "1:02" is read as a time of day
    <time dateTime={since} title={title} aria-label={`Live for ${text}`}>
      {text}
    </time>
  );
}

/** Counts down from `seconds`, from the moment at which they were set, and calls `onEnd` at zero. */
export function Countdown({ seconds, onEnd }: { seconds: number; onEnd: () => void }) {
  const now = useNow();
  const endsAt = useMemo(() => Date.now() + seconds * 1000, [seconds]);
  const left = Math.max(0, Math.ceil((endsAt - (now || Date.now())) / 1000));
  useEffect(() => {
    if (!left) onEnd();
  }, [endsAt, left]);
  return <strong role="timer">{`${left} s`}</strong>;
}

/** Shows the date and time of `at` (ISO 8601). With `long`, the month is spelled out. */
export function LocalDate({ at, long }: { at: string; long?: boolean }) {
  if (!at) return null;
  const date = new Date(at);
  const text = date.toLocaleString([], { dateStyle: long ? "long" : "medium", timeStyle: "short" });
  return (
    <time dateTime={at} title={date.toLocaleString()}>
      {text}
    </time>
  );
}

/** Calls `onTick` at once and then every `seconds`, while the page is visible. */
export function Timer({ seconds, onTick }: { seconds: number; onTick: () => void }) {
  useEffect(() => {
    const tick = () => document.hidden || onTick();
    tick();
    const timer = setInterval(tick, seconds * 1000);
    return () => clearInterval(timer);
  }, []);
  return null;
}
