// The time for which the viewer cannot write to the chat.

import { useMemo } from "react";
import { useNow } from "../clock.tsx";
import { formatDeadline } from "../format_time.ts";
import type { BanNotice } from "../generated.ts";

/** The fields of `ComposeNotice` in compose_box.py. `wait` is the time until which the viewer cannot send, in ms. */
export function useNotice({ words, seconds }: BanNotice, wait: number) {
  const banEnd = useMemo(() => (words ? Date.now() + (seconds || Infinity) * 1000 : 0), [words, seconds]);
  useNow(banEnd < Infinity ? Math.max(banEnd, wait) : wait);
  const now = Date.now();
  const deadline = banEnd > now ? banEnd : wait;
  const spoken = useMemo(() => formatDeadline(deadline, Date.now()), [deadline]);
  const until = now < deadline && deadline < Infinity ? formatDeadline(deadline, now) : "";
  return { is_banned: banEnd > now, until, spoken };
}
