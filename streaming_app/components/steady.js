// Keeps a part of a page mounted while the server makes the state of its tab anew: what is typed there stays.

import { Children, createElement as h, Fragment, useRef } from "react";

/** The first child once `ready` has been true, the second before that. Another `version`, not empty, mounts it anew. */
export function Steady({ ready, version, children }) {
  const wasReady = useRef(false);
  const shown = useRef("");
  wasReady.current ||= ready;
  if (ready && version) shown.current = version;
  const [content, waiting] = Children.toArray(children);
  return wasReady.current ? h(Fragment, { key: shown.current }, content) : (waiting ?? null);
}
