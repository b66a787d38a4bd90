// The delays between attempts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryTimer } from "../../../streaming_app/components/player/retry_timer.ts";

test("the delay doubles up to the longest, and half of it varies", (t) => {
  const { mock } = t.mock.method(globalThis, "setTimeout", () => 0);
  const random = t.mock.method(Math, "random", () => 1);
  const timer = new RetryTimer();
  for (let attempt = 0; attempt < 4; attempt++) timer.start(500, 3000, () => {});
  random.mock.mockImplementation(() => 0);
  timer.start(500, 3000, () => {});

  assert.deepEqual(mock.calls.map((call) => call.arguments[1]), [500, 1000, 2000, 3000, 1500]);
});

test("a timer counts failures and waits until its attempt begins", async () => {
  const timer = new RetryTimer();

  await new Promise((attempt) => {
    timer.start(1, 1, attempt);
    assert.equal(timer.isWaiting, true);
  });

  assert.equal(timer.failures, 1);
  assert.equal(timer.isWaiting, false);
});

test("a new start replaces the attempt that is waiting", async () => {
  const timer = new RetryTimer();
  const attempts = [];

  await new Promise((end) => {
    timer.start(1, 1, () => attempts.push("first"));
    timer.start(1, 1, () => {
      attempts.push("second");
      end();
    });
  });

  assert.deepEqual(attempts, ["second"]);
});

test("a cancelled timer does not wait", () => {
  const timer = new RetryTimer();
  timer.start(1000, 1000, () => assert.fail("the attempt was cancelled"));

  timer.cancel();

  assert.equal(timer.isWaiting, false);
});
