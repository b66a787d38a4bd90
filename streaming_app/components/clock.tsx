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

/** Returns the time since `since` (ISO 8601), such as 42:07 or 1:42:07. */
export function useUptime(since: string): string {
  const now = useNow();
  return since && now ? formatClock(Math.max(0, (now - Date.parse(since)) / 1000)) : "";
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

/** Formats an instant (ISO 8601), with seconds if there is no `dateStyle`. */
export function formatDate(at: string, dateStyle?: "long" | "medium"): string {
  return new Date(at).toLocaleString([], dateStyle && { dateStyle, timeStyle: "short" });
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
