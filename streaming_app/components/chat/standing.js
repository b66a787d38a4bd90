// The line under the box: that one is banned and why, how long one has to wait, or the rules of the chat.

import { createElement as h, useEffect, useMemo, useReducer } from "react";
import { Ban, Hourglass } from "lucide-react";
import { rulesInWords, when } from "./waits.js";

/**
 * The ban that holds now, {words, deadline}, or null. `ban` is the server's answer: {words, until, now}, empty words
 * without a ban; its instants are compared with each other, so that a wrong clock here does not matter.
 */
export function useBan(ban) {
  const known = useMemo(
    () => (ban?.words ? { words: ban.words, deadline: ban.until ? Date.now() + Date.parse(ban.until) - Date.parse(ban.now) : Infinity } : null),
    [ban?.words, ban?.until, ban?.now],
  );
  return useHolds(known?.deadline) ? known : null;
}

/** `ban` as `useBan` has it; `wait` is until when nothing can be sent, in milliseconds. */
export function Standing({ ban, wait, rules, isAbove }) {
  const isWaiting = useHolds(wait);
  if (ban) return line(Ban, h(Until, { words: ban.words, deadline: ban.deadline }));
  if (isWaiting) return line(Hourglass, h(Until, { words: rules?.slow && !isAbove ? "Slow mode is on." : "Slow down.", deadline: wait }));
  const words = isAbove ? "" : rulesInWords(rules);
  return words ? line(Hourglass, words) : null;
}

function line(icon, words) {
  return h("span", { className: "compose__standing" }, h(icon, { "aria-hidden": true }), h("span", null, words));
}

/** Counts down in sight; those who listen hear once how long it takes. */
function Until({ words, deadline }) {
  const now = useNow(deadline);
  const first = useMemo(() => when(deadline, Date.now()), [deadline]);
  if (deadline === Infinity) return words;
  return h("span", null, `${words} You can chat again `,
    h("span", { "aria-hidden": true, className: "compose__until" }, when(deadline, now)),
    h("span", { className: "visually-hidden" }, first),
    ".");
}

/** Whether `deadline` is still to come; draws again when it is over. */
function useHolds(deadline) {
  const [, drawAgain] = useReducer((count) => count + 1, 0);
  const left = (deadline ?? 0) - Date.now();
  useEffect(() => {
    if (!(left > 0) || left === Infinity) return undefined;
    const timer = setTimeout(drawAgain, Math.min(left + 1, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  });
  return left > 0;
}

/** The time, each second until `deadline`. */
function useNow(deadline) {
  const [now, look] = useReducer(() => Date.now(), undefined, () => Date.now());
  useEffect(() => {
    if (deadline === Infinity || now >= deadline) return undefined;
    const timer = setTimeout(look, ((deadline - now) % 1000) + 1);
    return () => clearTimeout(timer);
  }, [now, deadline]);
  return Math.min(now, deadline);
}
