// How long one has to wait, and the rules of a chat, in words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeRules, when } from "../../../streaming_app/components/chat/waits.ts";

test("a wait is shown as a clock shows it, a begun second as a whole one", () => {
  assert.equal(when(252_000, 0), "in 4:12");
  assert.equal(when(6_200, 0), "in 0:07");
  assert.equal(when(3_723_000, 0), "in 1:02:03");
  assert.equal(when(0, 1000), "in 0:00");
});

test("a long wait is a date", () => {
  const now = Date.UTC(2026, 10, 28, 12);
  assert.equal(when(now + 86_400_000, now, "en"), "in 24:00:00");
  assert.match(when(now + 3 * 86_400_000, now, "en"), /^on Dec 1, 2026, /);
});

test("rules are named one by one, and a chat without any needs no words", () => {
  assert.equal(describeRules({ slow: 10, followers: 0, age: 2880 }), "Slow mode: one message every 10 s · Followers only · Only for accounts older than 2 days");
  assert.equal(describeRules({ slow: 120, followers: 60, age: 0 }), "Slow mode: one message every 2 minutes · Only for those who have followed for 1 hour");
  assert.equal(describeRules({ slow: 0, followers: null, age: 0 }), "");
  assert.equal(describeRules(null), "");
});
