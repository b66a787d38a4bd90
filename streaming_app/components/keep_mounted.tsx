// Keeps a part of a page mounted while the server creates the state of the tab again, so that typed text is not lost.

import { Children, Fragment, type ReactNode, useRef } from "react";

type Props = { names: string[]; shown: string; version: string; children: ReactNode };

/** Shows the child that `shown` names, or else the one that it named last; the last child if it has named none.
 * A new `version` mounts the child again. */
export function KeepMounted({ names, shown, version, children }: Props) {
  const kept = useRef({ name: "", version: "" });
  if (shown) kept.current = { name: shown, version: version || kept.current.version };
  const { name, version: mounted } = kept.current;
  const contents = Children.toArray(children);
  return <Fragment key={`${name} ${mounted}`}>{contents[names.indexOf(name)] ?? contents[names.length]}</Fragment>;
}
