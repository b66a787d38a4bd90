// Whether the viewer may write, and the notice below the message box: a ban, a wait, or the rules of the chat.

import { useEffect, useMemo, useReducer } from "react";
import type { BanNotice, FeedRules } from "../generated.ts";
import { describeRules, when } from "./waits.ts";

/** `until` counts down until the viewer can write again, or is empty. `spoken` is for screen readers and does not change. */
export type Notice = { text: string; until: string; spoken: string };

type Options = { ban: BanNotice; wait: number; rules: FeedRules | null; isModerator: boolean };

/** `wait` is the time until which the viewer cannot send, in ms. Moderators see no rules, because they are exempt. */
export function useMembership({ ban, wait, rules, isModerator }: Options): { isBanned: boolean; notice: Notice } {
  const banEnd = useDeadline(ban);
  const isBanned = useIsBefore(banEnd);
  const isWaiting = useIsBefore(wait);
  const deadline = isBanned ? banEnd : isWaiting ? wait : Infinity;
  const spoken = useMemo(() => when(deadline, Date.now()), [deadline]);
  let text = isModerator ? "" : describeRules(rules);
  if (isWaiting) text = rules?.slow && !isModerator ? "Slow mode is on." : "Slow down.";
  if (isBanned) text = ban.words;
  return { isBanned, notice: { text, until: deadline < Infinity ? when(deadline, Date.now()) : "", spoken } };
}

/**
 * The end of a ban in milliseconds of the browser's clock, or 0 without a ban. That clock may be wrong, so the server sends
 * its own time with the ban.
 */
function useDeadline({ words, until, now }: BanNotice): number {
  return useMemo(() => {
    if (!words) return 0;
    return until ? Date.now() + Date.parse(until) - Date.parse(now) : Infinity;
  }, [words, until, now]);
}

/** Whether `deadline` is in the future. Until then the component renders again every second. */
function useIsBefore(deadline: number): boolean {
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const left = deadline - Date.now();
  useEffect(() => {
    if (left <= 0 || left === Infinity) return undefined;
    const timer = setTimeout(drawAgain, (left % 1000) + 1);
    return () => clearTimeout(timer);
  });
  return left > 0;
}
