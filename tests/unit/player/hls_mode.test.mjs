// When the player leaves low latency for plain HLS, and when it returns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LOW, ModeSelector, PLAIN } from "../../../streaming_app/components/player/hls_mode.ts";

function offered() {
  const selector = new ModeSelector();
  selector.offer(true);
  return selector;
}

function fallenBack(now = 0) {
  const selector = offered();
  for (const instant of [now - 2, now - 1, now]) selector.stalled(instant);
  assert.equal(selector.mode, PLAIN);
  return selector;
}

test("low latency comes first where there is any", () => {
  assert.equal(offered().mode, LOW);
  assert.equal(new ModeSelector().mode, PLAIN);
});

test("a changed offer is taken up at once, the same one changes nothing", () => {
  const selector = offered();

  assert.equal(selector.offer(true), false);
  assert.equal(selector.offer(false), true);
  assert.equal(selector.mode, PLAIN);
  assert.equal(selector.why, "");
});

test("a packager that is gone for some seconds is given up", () => {
  const selector = offered();
  selector.answered(0);

  assert.equal(selector.failed(0, 502), false);
  assert.equal(selector.failed(2_000, 404), false);
  assert.equal(selector.failed(2_500, 404), true);
  assert.equal(selector.mode, PLAIN);
  assert.match(selector.why, /stopped answering/);
});

test("a packager that answers in between is not given up", () => {
  const selector = offered();

  selector.failed(0, 502);
  selector.answered(0);

  assert.equal(selector.failed(2_600, 502), false);
  assert.equal(selector.mode, LOW);
});

test("a stream that has just begun may take a while until there is something to play", () => {
  const selector = offered();

  selector.failed(0, 404);

  assert.equal(selector.failed(5_000, 404), false);
  assert.equal(selector.failed(6_000, 404), true);
});

test("a packager that never runs is given up sooner than a stream without a first picture", () => {
  const selector = offered();

  selector.failed(0, 502);

  assert.equal(selector.failed(2_500, 502), true);
});

test("three stalls within 30 s are too many, spread wider they are not", () => {
  const close = offered();
  const spread = offered();

  assert.deepEqual([0, 10_000, 30_000].map((now) => close.stalled(now)), [false, false, true]);
  assert.equal(close.why, "3 stalls within 30 s");
  assert.deepEqual([0, 16_000, 32_000, 48_000].map((now) => spread.stalled(now)), [false, false, false, false]);
});

test("video that cannot be decoded again and again is given up", () => {
  const selector = offered();

  assert.deepEqual([0, 1_000, 2_000].map((now) => selector.broke(now)), [false, false, true]);
});

test("one falls back once: trouble with plain HLS is no reason to start it anew", () => {
  const selector = fallenBack();
  const { why } = selector;

  assert.equal(selector.failed(10_000, 404), false);
  assert.equal(selector.failed(20_000, 404), false);
  assert.deepEqual([1, 2, 3].map((now) => selector.stalled(now)), [false, false, false]);
  assert.equal(selector.why, why);
});

test("plain HLS begins with the distance that the stalls before it taught", () => {
  assert.ok(Math.abs(fallenBack().margin(1_000) - 0.9) < 1e-9);
});

test("a stream that has no low latency is played as plain HLS at once", () => {
  const selector = offered();

  assert.equal(selector.refused(0), true);
  assert.equal(selector.mode, PLAIN);
  assert.match(selector.why, /no low-latency video/);
});

test("low latency that is refused in the middle of a stream is left at once, and one that has just begun is waited for", () => {
  const running = offered();
  running.begin({ isNew: true });
  running.answered(0);
  const beginning = offered();
  beginning.begin({ isNew: true });

  assert.equal(running.refused(60_000), true);
  assert.deepEqual([0, 5_000, 6_000].map((now) => beginning.refused(now)), [false, false, true]);
});

test("a packager that was killed and does not know its streams yet is waited for as one that is gone", () => {
  const selector = offered();
  selector.answered(0);
  selector.failed(10_000, 502);

  assert.deepEqual([11_000, 12_500].map((now) => selector.refused(now)), [false, true]);
});

test("low latency that was not there yet when the page was opened is played soon after it has begun", () => {
  const selector = offered();
  selector.refused(0);

  assert.equal(selector.mayReturn(4_999), false);
  assert.equal(selector.mayReturn(5_000), true);
  selector.comeBack();
  selector.answered(6_000);
  selector.refused(20_000);
  assert.equal(selector.mayReturn(79_999), false);
  assert.equal(selector.mayReturn(80_000), true);
});

test("low latency that comes and goes is tried less and less often, until it has held for five minutes", () => {
  const selector = offered();
  const switches = [];
  let now = 0;
  for (; now < 600_000; now += 500) {
    if (selector.mode === LOW && selector.refused(now)) switches.push(now);
    else if (selector.mayReturn(now)) selector.comeBack();
  }
  assert.ok(switches.length <= 6, `${switches}`);

  selector.begin();
  selector.answered(now);
  selector.refused(now + 300_000);
  assert.equal(selector.returnMs, 30_000);
});

test("after a quiet while low latency is tried again, and a stall makes that begin anew", () => {
  const selector = fallenBack(0);

  assert.equal(selector.mayReturn(29_999), false);
  assert.equal(selector.mayReturn(30_000), true);
  selector.stalled(30_000);
  assert.equal(selector.mayReturn(59_999), false);
  selector.postponeReturn(60_000);
  assert.equal(selector.mayReturn(89_999), false);

  selector.comeBack();
  assert.equal(selector.mode, LOW);
  assert.equal(selector.why, "");
  assert.equal(selector.mayReturn(90_000), false);
});

test("each return that ends in trouble is followed by a longer quiet, up to eight minutes", () => {
  const selector = offered();
  const quiets = [];

  for (let times = 0; times < 6; times++) {
    for (const now of [0, 1, 2]) selector.stalled(now);
    quiets.push(selector.returnMs);
    selector.comeBack();
  }

  assert.deepEqual(quiets, [30_000, 60_000, 120_000, 240_000, 480_000, 480_000]);
});

test("the next stream begins with low latency again", () => {
  const selector = fallenBack();

  selector.begin();

  assert.equal(selector.mode, LOW);
  assert.equal(selector.why, "");
});

test("where there is no low latency, quiet changes nothing", () => {
  const selector = new ModeSelector();

  assert.equal(selector.mayReturn(1e9), false);
});

test("each stall widens the distance to the edge for a while, within bounds", () => {
  const selector = new ModeSelector();
  assert.equal(selector.margin(0), 0);

  selector.stalled(0);
  assert.equal(selector.margin(1_000), 0.3);
  for (let now = 0; now < 20; now++) selector.stalled(now);
  assert.equal(selector.margin(1_000), 1.5);
  assert.equal(selector.margin(120_000), 0);
});
