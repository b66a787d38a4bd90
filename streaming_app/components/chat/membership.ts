// Whether the viewer may write, and the notice below the message box: a ban, a wait, or the rules of the chat.

import { useEffect, useMemo, useReducer } from "react";
import type { BanNotice, FeedRules } from "../generated.ts";
import { describeRules, when } from "./waits.ts";

/** `until` counts down to when the viewer can write again, or is empty. `spoken` is for screen readers and stays the same. */
export type Notice = { text: string; until: string; spoken: string };

type Options = { ban: BanNotice; wait: number; rules: FeedRules | null; isModerator: boolean };

/** `wait` is until when the viewer cannot send, in milliseconds. Moderators see no rules, which do not apply to them. */
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

/** When a ban ends, in milliseconds by the browser's clock, which may be wrong: the server sends its own time. 0: no ban. */
function useDeadline({ words, until, now }: BanNotice): number {
  return useMemo(() => {
    if (!words) return 0;
    return until ? Date.now() + Date.parse(until) - Date.parse(now) : Infinity;
  }, [words, until, now]);
}

/** Whether `deadline` is in the future. Until then the component is drawn again every second. */
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
