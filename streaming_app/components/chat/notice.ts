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
export function useNotice({ ban: { words, seconds }, wait, rules, isModerator }: Options) {
  const banEnd = useMemo(() => (words ? Date.now() + (seconds || Infinity) * 1000 : 0), [words, seconds]);
  useNow(banEnd < Infinity ? Math.max(banEnd, wait) : wait);
  const now = Date.now();
  const isBanned = banEnd > now;
  const deadline = isBanned ? banEnd : wait;
  const spoken = useMemo(() => formatDeadline(deadline, Date.now()), [deadline]);
  const until = now < deadline && deadline < Infinity ? formatDeadline(deadline, now) : "";
  let text = isModerator ? "" : (rules?.text ?? "");
  if (until) text = rules?.slow && !isModerator ? "Slow mode is on." : "Slow down.";
  if (isBanned) text = words;
  return { is_banned: isBanned, text, until, spoken };
}
