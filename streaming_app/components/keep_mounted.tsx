// Keeps a part of a page mounted while the server creates the state of the tab again, so that typed text is not lost.

import { Children, Fragment, type ReactNode, useEffect, useReducer, useRef } from "react";

type Props = { names: string[]; shown: string; version: string; keptMs?: number; children: ReactNode };

const NOTHING = { name: "", version: "", first: "" };

/**
 * Shows the child that `shown` names, or else the one that it named last; the last child if it has named none. Another
 * `version` mounts the child again. With `keptMs`, the first version does not, and a child is unmounted when `shown` has been
 * empty for this time, or at once if it had no version.
 */
export function KeepMounted({ names, shown, version, keptMs, children }: Props) {
  const kept = useRef(NOTHING);
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const { current: before } = kept;
  if (shown) kept.current = { name: shown, version: version || before.version, first: before.first || version };
  const { name, version: mounted, first } = kept.current;
  useEffect(() => {
    if (shown || !keptMs) return;
    const forget = () => {
      kept.current = NOTHING;
      drawAgain();
    };
    const timer = setTimeout(forget, mounted ? keptMs : 0);
    return () => clearTimeout(timer);
  }, [shown]);
  const contents = Children.toArray(children);
  const key = `${name} ${keptMs && mounted === first ? "" : mounted}`;
  return <Fragment key={key}>{contents[names.indexOf(name)] ?? contents[names.length]}</Fragment>;
}
