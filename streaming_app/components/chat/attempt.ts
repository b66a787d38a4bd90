// A message on its way to the server. Its id stays the same when it is sent again, so that it appears only once.

export type Attempt = { text: string; replyTo: string; id: string };

/** The message to send. The same message as `last` keeps its id, because the server may not have accepted it. */
export function attempt(last: Attempt | null, text: string, replyTo: string): Attempt {
  const isSame = last?.text === text && last.replyTo === replyTo;
  return { text, replyTo, id: isSame ? last.id : newId() };
}

/** `crypto.randomUUID` exists on secure origins only. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
