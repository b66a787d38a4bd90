// How long the feed waits before it connects again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { longestWait } from "../../../streaming_app/components/feed/reconnecting.ts";

test("the wait doubles, and stays below two seconds while the site may be restarting", () => {
  assert.deepEqual([0, 1, 2, 3, 9].map((attempt) => longestWait(attempt, 1000)), [500, 1000, 2000, 2000, 2000]);
});

test("after half a minute the wait goes on to fifteen seconds", () => {
  assert.deepEqual([3, 4, 5, 20].map((attempt) => longestWait(attempt, 30000)), [4000, 8000, 15000, 15000]);
});
