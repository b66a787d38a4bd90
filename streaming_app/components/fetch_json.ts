// JSON from the site's API.

import useSWR from "swr";

/** Fetches JSON from `path`. Rejects if the response is an error. */
export async function fetchJson<Answer>(path: string): Promise<Answer> {
  const answer = await fetch(window.frontDoor(path));
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}

/**
 * The JSON at `path`, fetched again when `path` changes and every `refreshMs`. Undefined until the first answer; if a
 * request fails, the last answer. An empty `path` fetches nothing. Components with the same path share a request.
 */
export function useJson<Answer>(path: string, refreshMs = 0): Answer | undefined {
  const options = { refreshInterval: refreshMs, keepPreviousData: true, revalidateOnFocus: false };
  return useSWR<Answer>(path, fetchJson<Answer>, options).data;
}
