// What a row shows of a line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeLine } from "../../../streaming_app/components/chat/describe_line.ts";

const context = { me: "Ada", emotes: new Map(), emoji: null };
const line = (more) => ({ id: "m1", cursor: "1", name: "ben", text: "hello", at: "2026-11-28T21:00:00Z", ...more });
const described = (more) => describeLine(line(more), context).shown;

test("a message is for the viewer when it mentions them or answers one of their messages", () => {
  assert.equal(described({ text: "hi @ada" }).for_me, true);
  assert.equal(described({ reply: { id: "m0", name: "ADA", text: "who?" } }).for_me, true);
  assert.ok(!("for_me" in JSON.parse(JSON.stringify(described({ text: "hi @ben" })))));
});

test("an answer of the viewer to themselves is not for them, and neither is a deleted message", () => {
  const reply = { id: "m0", name: "ada", text: "who?" };

  assert.equal(described({ name: "ada", reply }).for_me, undefined);
  assert.equal(described({ text: undefined, deleted: true, reply }).for_me, undefined);
});

test("only mentions of the viewer are marked", () => {
  const marked = described({ text: "@ada and @ben" }).parts.filter(({ me }) => me);

  assert.deepEqual(marked.map(({ text }) => text), ["@ada"]);
});

test("emoji are asked for when a message may have one that nobody has fetched", () => {
  assert.ok(describeLine(line({ text: ":tada:" }), context).needsEmoji);
  assert.ok(!describeLine(line({}), context).needsEmoji);
});
