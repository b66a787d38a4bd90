// JSON from the site's API.

import { useEffect, useState } from "react";

const requests = new Map<string, Promise<unknown>>();

/** Fetches JSON from `path`. Simultaneous calls share a request. Rejects if the response is an error. */
export function fetchJson<Answer>(path: string): Promise<Answer> {
  const request =
    requests.get(path) ??
    fetch(window.frontDoor(path))
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText))))
      .finally(() => requests.delete(path));
  requests.set(path, request);
  return request as Promise<Answer>;
}

/**
 * The JSON at `path`, fetched again when `path` changes and every `refreshMs`. Undefined until the first answer; if a
 * request fails, the last answer. An empty `path` fetches nothing.
 */
export function useJson<Answer>(path: string, refreshMs = Infinity): Answer | undefined {
  const [answer, setAnswer] = useState<Answer>();
  useEffect(() => {
    if (!path) return undefined;
    let isCurrent = true;
    const refresh = () =>
      fetchJson<Answer>(path).then(
        (found) => isCurrent && setAnswer(found),
        () => {},
      );
    refresh();
    const timer = refreshMs < Infinity ? setInterval(refresh, refreshMs) : 0;
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [path, refreshMs]);
  return answer;
}
