// Requests to the site's API that change something.

const NO_ANSWER = "No answer from the site. Check your connection and try again.";

/** `error.message` is about the whole request, `error.fields` has an error for each wrong field. */
type Answer = { name?: string; page?: string; secret?: string; error?: Problem };
type Problem = { message: string; fields?: Record<string, string> };

/** Sends a request of the signed-in user. Resolves to the JSON of the answer, which has an `error` if it failed. */
export async function sendRequest(path: string, request: RequestInit): Promise<Answer> {
  try {
    const answer = await fetch(window.frontDoor(path), { credentials: "include", ...request });
    return answer.status === 204 ? {} : await answer.json();
  } catch {
    return { error: { message: NO_ANSWER } };
  }
}
