// Which id a message has that is sent again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { attempt } from "../../../streaming_app/components/chat/attempt.ts";

test("every message has an id of its own", () => {
  const ids = [attempt(null, "hi", ""), attempt(null, "hi", "")].map(({ id }) => id);

  assert.notEqual(...ids);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test("a message that is sent again keeps its id", () => {
  const first = attempt(null, "hi", "m1");

  assert.deepEqual(attempt(first, "hi", "m1"), first);
});

test("another text or answer is another message", () => {
  const first = attempt(null, "hi", "m1");

  for (const [text, replyTo] of [["ho", "m1"], ["hi", ""]]) assert.notEqual(attempt(first, text, replyTo).id, first.id);
});
