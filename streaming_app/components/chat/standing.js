// Under what rules one writes, in a line.

import { createElement as h } from "react";
import { Hourglass } from "lucide-react";

/** `rules` as the feed has them; `until` is undefined for who is not banned, null for good. */
export function Standing({ rules, until, isAbove }) {
  const words = wordsOf(rules, until, isAbove);
  return words ? h("span", { className: "compose__standing" }, h(Hourglass, { "aria-hidden": true }), words) : null;
}

function wordsOf(rules, until, isAbove) {
  if (until === null) return "You may not write here any more.";
  if (until && new Date(until) > new Date()) return `You may write again at ${new Date(until).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}.`;
  if (isAbove || !rules) return "";
  const words = [];
  if (rules.slow) words.push(`Slow mode: one message every ${spell(rules.slow)}`);
  if (rules.followers === 0) words.push("For followers only");
  if (rules.followers) words.push(`For who has followed for ${spell(rules.followers * 60)}`);
  if (rules.age) words.push(`For accounts older than ${spell(rules.age * 60)}`);
  return words.join(" · ");
}

function spell(seconds) {
  for (const [size, word] of [[86400, "day"], [3600, "hour"], [60, "minute"]]) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size} ${word}${seconds === size ? "" : "s"}`;
  }
  return `${seconds} s`;
}
