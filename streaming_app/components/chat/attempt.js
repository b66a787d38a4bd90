// A message on its way to the server, with the id under which it may be sent again and still be said once.

/** What is to be sent. It keeps the id of `last`, which the site may not have taken, if it is the same message. */
export function attempt(last, text, replyTo) {
  const isSame = last?.text === text && last.replyTo === replyTo;
  return { text, replyTo, id: isSame ? last.id : newId() };
}

/** `crypto.randomUUID` is only there on secure origins. */
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
