// The state of a feed in the browser, as frames change it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { changes, EMPTY } from "../../../streaming_app/components/feed/feed_state.ts";

const WELCOME = { type: "welcome", channel: { viewers: 1 }, messages: [], resumed: false, deleted: [] };
const after = (known, frame) => ({ ...known, ...changes(known, frame) });
const counters = ({ emotesNews, moderationNews, studioNews }) => [emotesNews, moderationNews, studioNews];

test("the first welcome makes pages that have just loaded their data load nothing again", () => {
  assert.deepEqual(counters(after(EMPTY, WELCOME)), [1, 0, 0]);
});

test("after a lost connection everything may have changed", () => {
  assert.deepEqual(counters(after(after(EMPTY, WELCOME), WELCOME)), [2, 1, 1]);
});

test("the moderation page has changed when the feed says so", () => {
  assert.deepEqual(counters(after(EMPTY, { type: "moderation" })), [0, 1, 0]);
});
