// The notice below the message box: a ban, how long the viewer has to wait, or the rules of the chat.

import { Ban, Hourglass } from "lucide-react";
import { useEffect, useMemo, useReducer } from "react";
import type { BanNotice, FeedRules } from "../generated.ts";
import { describeRules, when } from "./waits.ts";

/** A ban that holds now. `deadline` is when it ends, in milliseconds by the browser's clock; Infinity: never. */
type CurrentBan = { words: string; deadline: number };

/** The ban that holds now, or null. It is right with a wrong clock in the browser, because the server sends its own time. */
export function useBan({ words, until, now }: BanNotice): CurrentBan | null {
  const deadline = useMemo(
    () => (until ? Date.now() + Date.parse(until) - Date.parse(now) : Infinity),
    [words, until, now],
  );
  return useIsBefore(words ? deadline : 0) ? { words, deadline } : null;
}

type Props = { ban: CurrentBan | null; wait: number; rules: FeedRules | null; isModerator: boolean };

/** `wait` is until when the viewer cannot send, in milliseconds. Moderators see no rules, which do not apply to them. */
export function MembershipNotice({ ban, wait, rules, isModerator }: Props) {
  const isWaiting = useIsBefore(wait);
  if (ban) return <Notice icon={Ban} text={ban.words} deadline={ban.deadline} />;
  if (isWaiting)
    return (
      <Notice icon={Hourglass} text={rules?.slow && !isModerator ? "Slow mode is on." : "Slow down."} deadline={wait} />
    );
  const text = isModerator ? "" : describeRules(rules);
  return text ? <Notice icon={Hourglass} text={text} deadline={Infinity} /> : null;
}

/** The visible text counts down. Screen readers get the time once. */
function Notice({ icon: Icon, text, deadline }: { icon: typeof Ban; text: string; deadline: number }) {
  const spoken = useMemo(() => when(deadline, Date.now()), [deadline]);
  return (
    <span className="compose__standing">
      <Icon aria-hidden />
      <span>
        {text}
        {deadline < Infinity && (
          <>
            {" "}
            You can chat again{" "}
            <span aria-hidden className="compose__until">
              {when(deadline, Date.now())}
            </span>
            <span className="visually-hidden">{spoken}</span>.
          </>
        )}
      </span>
    </span>
  );
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
