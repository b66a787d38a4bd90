// What a row shows of a line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeLine } from "../../../streaming_app/components/chat/describe_line.ts";

const pictures = { emotes: new Map(), emojiOf: () => undefined };
const line = (more) => ({ id: "m1", cursor: "1", name: "ben", text: "hello", at: "2026-11-28T21:00:00Z", ...more });
const described = (more) => describeLine(line(more), "Ada", pictures);

test("a message is highlighted for the viewer when it mentions them or replies to them", () => {
  assert.equal(described({ text: "hi @ada" }).for_me, true);
  assert.equal(described({ reply: { id: "m0", name: "ADA", text: "who?" } }).for_me, true);
  assert.ok(!("for_me" in JSON.parse(JSON.stringify(described({ text: "hi @ben" })))));
});

test("replies to oneself and deleted messages are not highlighted", () => {
  const reply = { id: "m0", name: "ada", text: "who?" };

  assert.equal(described({ name: "ada", reply }).for_me, undefined);
  assert.equal(described({ text: undefined, deleted: true, reply }).for_me, undefined);
});

test("only mentions of the viewer are highlighted", () => {
  const marked = described({ text: "@ada and @ben" }).parts.filter(({ me }) => me);

  assert.deepEqual(marked.map(({ text }) => text), ["@ada"]);
});
