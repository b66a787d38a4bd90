// The notice below the message box: a ban, a wait, or the rules of the chat.

import { useMemo } from "react";
import { useNow } from "../clock.tsx";
import { formatDeadline } from "../format_time.ts";
import type { BanNotice, FeedRules } from "../generated.ts";

type Options = { ban: BanNotice; wait: number; rules: FeedRules | null; isModerator: boolean };

/**
 * The fields of `ComposeNotice` in compose_box.py. `wait` is the time until which the viewer cannot send, in ms. Moderators
 * see no rules, because they are exempt.
 */
export function useNotice({ ban, wait, rules, isModerator }: Options) {
  const banEnd = useBanEnd(ban);
  useNow(banEnd < Infinity ? Math.max(banEnd, wait) : wait);
  const now = Date.now();
  const isBanned = banEnd > now;
  const deadline = isBanned ? banEnd : wait;
  const spoken = useMemo(() => formatDeadline(deadline, Date.now()), [deadline]);
  const until = now < deadline && deadline < Infinity ? formatDeadline(deadline, now) : "";
  let text = isModerator ? "" : (rules?.text ?? "");
  if (until) text = rules?.slow && !isModerator ? "Slow mode is on." : "Slow down.";
  if (isBanned) text = ban.words;
  return { is_banned: isBanned, text, until, spoken };
}

/**
 * The end of a ban in milliseconds of the browser's clock, or 0 without a ban. That clock may be wrong, so the server sends
 * its own time with the ban.
 */
function useBanEnd({ words, until, now }: BanNotice): number {
  return useMemo(() => {
    if (!words) return 0;
    return until ? Date.now() + Date.parse(until) - Date.parse(now) : Infinity;
  }, [words, until, now]);
}
