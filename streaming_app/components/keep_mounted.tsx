// Keeps a part of a page mounted while the server creates the state of the tab again, so that typed text is not lost.

import { Children, Fragment, type ReactNode, useRef } from "react";

type Props = { ready: boolean; version: string; children: ReactNode };

/** Shows the first child once `ready` has been true, and the second before. A new `version` mounts the first again. */
export function KeepMounted({ ready, version, children }: Props) {
  const wasReady = useRef(false);
  const shown = useRef("");
  wasReady.current ||= ready;
  if (ready && version) shown.current = version;
  const [content, waiting] = Children.toArray(children);
  return wasReady.current ? <Fragment key={shown.current}>{content}</Fragment> : waiting;
}
