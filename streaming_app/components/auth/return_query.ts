// The page to return to after signing in.

import { useSyncExternalStore } from "react";

const subscribe = () => () => {};

function returnQuery(): string {
  const next = new URLSearchParams(location.search).get("next");
  return next ? `?${new URLSearchParams({ next })}` : "";
}

/** The query of this page that names the page to return to, for a link to the other form; empty if there is none. */
export const useReturnQuery = () => useSyncExternalStore(subscribe, returnQuery, () => "");
