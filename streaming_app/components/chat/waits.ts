// Texts about the time that a viewer has to wait, and about the rules of a chat.

import type { FeedRules } from "../generated.ts";

const DAY = 86400;

/** "in 4:12", or a date if `deadline` is more than a day after `now`. Both are in milliseconds. */
export function when(deadline: number, now: number, locale?: string): string {
  const seconds = Math.max(0, Math.ceil((deadline - now) / 1000));
  if (seconds > DAY)
    return `on ${new Date(deadline).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" })}`;
  const units = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].slice(seconds < 3600 ? 1 : 0);
  return `in ${units.map((number, index) => String(number).padStart(index ? 2 : 1, "0")).join(":")}`;
}

/** A text about the rules of the chat; empty if there are none. */
export function describeRules(rules: FeedRules | null): string {
  const texts = [];
  if (rules?.slow) texts.push(`Slow mode: one message every ${duration(rules.slow)}`);
  if (rules?.followers === 0) texts.push("Followers only");
  if (rules?.followers) texts.push(`Only for those who have followed for ${duration(rules.followers * 60)}`);
  if (rules?.age) texts.push(`Only for accounts older than ${duration(rules.age * 60)}`);
  return texts.join(" · ");
}

function duration(seconds: number): string {
  for (const [size, unit] of [
    [DAY, "day"],
    [3600, "hour"],
    [60, "minute"],
  ] as const) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size} ${unit}${seconds === size ? "" : "s"}`;
  }
  return `${seconds} s`;
}
