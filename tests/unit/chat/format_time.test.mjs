// Durations and deadlines as text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatClock, formatDeadline } from "../../../streaming_app/components/format_time.ts";

test("a duration is shown as a clock shows it", () => {
  assert.equal(formatClock(7.9), "0:07");
  assert.equal(formatClock(252), "4:12");
  assert.equal(formatClock(3723), "1:02:03");
});

test("a deadline within a day is the time until then, rounded up to a second", () => {
  assert.equal(formatDeadline(6_200, 0), "in 0:07");
  assert.equal(formatDeadline(86_400_000, 0), "in 24:00:00");
  assert.equal(formatDeadline(0, 1000), "in 0:00");
});

test("a later deadline is a date", () => {
  const now = Date.UTC(2026, 10, 28, 12);

  assert.match(formatDeadline(now + 3 * 86_400_000, now, "en"), /^on Dec 1, 2026, /);
});
