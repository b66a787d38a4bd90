// How fast the player plays, to stay at its target latency.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PlaybackRate, isBehindOnPurpose } from "../../../streaming_app/components/player/playback_rate.ts";

const AHEAD = 0.6;
const TARGET = 0.6;
const rates = (lates) => {
  const pace = new PlaybackRate();
  return lates.map((late, index) => pace.rate(index * 5_000, late, AHEAD, TARGET));
};

test("a late player plays slightly faster until it has caught up", () => {
  assert.deepEqual(rates([0.08, 0.2, 0.08, 0.02, 0.08]), [1, 1.05, 1.05, 1, 1]);
  assert.deepEqual(rates([0.5, 0.3, 1.4, 10, 0.08, 0]), [1.1, 1.1, 1.1, 1.1, 1.05, 1]);
});

test("a player too close to the live edge plays slightly slower", () => {
  assert.deepEqual(rates([-0.1, -0.2, -0.1, -0.02, -0.1]), [1, 0.95, 0.95, 1, 1]);
});

test("the playback rate changes rarely", () => {
  const pace = new PlaybackRate();
  const at = (now, late) => pace.rate(now, late, AHEAD, TARGET);

  assert.deepEqual([at(0, 0.2), at(400, 2), at(600, 2), at(5_600, 0)], [1.05, 1.05, 1.1, 1]);
});

test("jitter of one part does not change the rate", () => {
  const pace = new PlaybackRate();
  const lates = Array.from({ length: 50 }, (_, index) => 0.05 + (index % 2 ? 0.1 : -0.1));

  const chosen = lates.map((late, index) => pace.rate(index * 100, late, AHEAD, TARGET));

  assert.deepEqual([...new Set(chosen)], [1]);
});

test("an empty buffer does not speed up playback", () => {
  assert.equal(new PlaybackRate().rate(0, 1, 0.2, TARGET), 1);
});

test("playback waits for enough data after a stall, with a limit", () => {
  const pace = new PlaybackRate();
  const at = (now, ahead) => pace.rate(now, 0, ahead, TARGET);

  pace.starve();
  assert.deepEqual([at(0, 0), at(5_000, 0), at(5_100, 0.2), at(5_300, 0.6), at(5_400, 0.2)], [0, 0, 0, 1, 1]);
  pace.starve();
  assert.deepEqual([at(6_000, 0.2), at(7_400, 0.2), at(7_500, 0.2)], [0, 0, 1]);
});

test("a large delay is skipped, and at first also a smaller one if the data is loaded", () => {
  const pace = new PlaybackRate();

  assert.equal(pace.shouldJump(0.5, 1.0, TARGET), true);
  assert.equal(pace.shouldJump(0.5, 1.0, TARGET), false);
  assert.equal(pace.shouldJump(1.6, 2.0, TARGET), true);
  assert.equal(pace.shouldJump(4.0, 0.1, TARGET), false);
  assert.equal(pace.shouldJump(6.0, 0.1, TARGET), true);
  assert.equal(new PlaybackRate().shouldJump(0.5, 0.6, TARGET), false);
});

test("a delay chosen by the viewer is kept", () => {
  assert.deepEqual([-1, 0, 2, 3, 60].map(isBehindOnPurpose), [false, false, false, true, true]);
});
