import assert from "node:assert/strict";
import { test } from "node:test";
import { SleepDetector } from "../../../streaming_app/components/player/realtime/sleep_detector.ts";

test("a page that runs all the time is not waking up", () => {
  const sleep = new SleepDetector(0);
  for (let now = 0; now <= 10_000; now += 500) assert.equal(sleep.runs(now), false);
});

test("a page in which nothing ran for seconds is waking up, also after the first frames", () => {
  const sleep = new SleepDetector(1_000);
  sleep.runs(9_000);
  assert.equal(sleep.runs(9_001), true);
  assert.equal(sleep.runs(10_500), true);
});

test("a page is awake some seconds after it has slept", () => {
  const sleep = new SleepDetector(1_000);
  for (let now = 9_000; now <= 14_000; now += 500) sleep.runs(now);
  assert.equal(sleep.runs(14_000), false);
});

test("a page that slept before anything else ran is waking up", () => {
  const sleep = new SleepDetector(1_000);
  assert.equal(sleep.runs(9_000), true);
});
