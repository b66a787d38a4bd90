// The player's decisions: when to leave low latency, when to come back, how fast to play.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Delivery, LOW, PLAIN, Pace, ServerClock, isBehindOnPurpose } from "../../../streaming_app/components/player/delivery.ts";

function offered() {
  const delivery = new Delivery();
  delivery.offer(true);
  return delivery;
}

function fallenBack(now = 0) {
  const delivery = offered();
  for (const instant of [now - 2, now - 1, now]) delivery.stalled(instant);
  assert.equal(delivery.mode, PLAIN);
  return delivery;
}

test("low latency comes first where there is any", () => {
  assert.equal(offered().mode, LOW);
  assert.equal(new Delivery().mode, PLAIN);
});

test("a changed offer is taken up at once, the same one changes nothing", () => {
  const delivery = offered();

  assert.equal(delivery.offer(true), false);
  assert.equal(delivery.offer(false), true);
  assert.equal(delivery.mode, PLAIN);
  assert.equal(delivery.why, "");
});

test("a packager that is gone for some seconds is given up", () => {
  const delivery = offered();
  delivery.answered(0);

  assert.equal(delivery.failed(0, 502), false);
  assert.equal(delivery.failed(2_000, 404), false);
  assert.equal(delivery.failed(2_500, 404), true);
  assert.equal(delivery.mode, PLAIN);
  assert.match(delivery.why, /stopped answering/);
});

test("a packager that answers in between is not given up", () => {
  const delivery = offered();

  delivery.failed(0, 502);
  delivery.answered(0);

  assert.equal(delivery.failed(2_600, 502), false);
  assert.equal(delivery.mode, LOW);
});

test("a stream that has just begun may take a while until there is something to play", () => {
  const delivery = offered();

  delivery.failed(0, 404);

  assert.equal(delivery.failed(5_000, 404), false);
  assert.equal(delivery.failed(6_000, 404), true);
});

test("a packager that never runs is given up sooner than a stream without a first picture", () => {
  const delivery = offered();

  delivery.failed(0, 502);

  assert.equal(delivery.failed(2_500, 502), true);
});

test("three stalls within 30 s are too many, spread wider they are not", () => {
  const close = offered();
  const spread = offered();

  assert.deepEqual([0, 10_000, 30_000].map((now) => close.stalled(now)), [false, false, true]);
  assert.equal(close.why, "3 stalls within 30 s");
  assert.deepEqual([0, 16_000, 32_000, 48_000].map((now) => spread.stalled(now)), [false, false, false, false]);
});

test("video that cannot be decoded again and again is given up", () => {
  const delivery = offered();

  assert.deepEqual([0, 1_000, 2_000].map((now) => delivery.broke(now)), [false, false, true]);
});

test("one falls back once: trouble with plain HLS is no reason to start it anew", () => {
  const delivery = fallenBack();
  const { why } = delivery;

  assert.equal(delivery.failed(10_000, 404), false);
  assert.equal(delivery.failed(20_000, 404), false);
  assert.deepEqual([1, 2, 3].map((now) => delivery.stalled(now)), [false, false, false]);
  assert.equal(delivery.why, why);
});

test("plain HLS begins with the distance that the stalls before it taught", () => {
  assert.ok(Math.abs(fallenBack().margin(1_000) - 0.9) < 1e-9);
});

test("a stream that has no low latency is played as plain HLS at once", () => {
  const delivery = offered();

  assert.equal(delivery.refused(0), true);
  assert.equal(delivery.mode, PLAIN);
  assert.match(delivery.why, /no low-latency video/);
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
  const delivery = offered();
  delivery.answered(0);
  delivery.failed(10_000, 502);

  assert.deepEqual([11_000, 12_500].map((now) => delivery.refused(now)), [false, true]);
});

test("low latency that was not there yet when the page was opened is played soon after it has begun", () => {
  const delivery = offered();
  delivery.refused(0);

  assert.equal(delivery.mayReturn(4_999), false);
  assert.equal(delivery.mayReturn(5_000), true);
  delivery.comeBack();
  delivery.answered(6_000);
  delivery.refused(20_000);
  assert.equal(delivery.mayReturn(79_999), false);
  assert.equal(delivery.mayReturn(80_000), true);
});

test("low latency that comes and goes is tried less and less often, until it has held for five minutes", () => {
  const delivery = offered();
  const switches = [];
  let now = 0;
  for (; now < 600_000; now += 500) {
    if (delivery.mode === LOW && delivery.refused(now)) switches.push(now);
    else if (delivery.mayReturn(now)) delivery.comeBack();
  }
  assert.ok(switches.length <= 6, `${switches}`);

  delivery.begin();
  delivery.answered(now);
  delivery.refused(now + 300_000);
  assert.equal(delivery.returnMs, 30_000);
});

test("after a quiet while low latency is tried again, and a stall makes that begin anew", () => {
  const delivery = fallenBack(0);

  assert.equal(delivery.mayReturn(29_999), false);
  assert.equal(delivery.mayReturn(30_000), true);
  delivery.stalled(30_000);
  assert.equal(delivery.mayReturn(59_999), false);
  delivery.stayAway(60_000);
  assert.equal(delivery.mayReturn(89_999), false);

  delivery.comeBack();
  assert.equal(delivery.mode, LOW);
  assert.equal(delivery.why, "");
  assert.equal(delivery.mayReturn(90_000), false);
});

test("each return that ends in trouble is followed by a longer quiet, up to eight minutes", () => {
  const delivery = offered();
  const quiets = [];

  for (let times = 0; times < 6; times++) {
    for (const now of [0, 1, 2]) delivery.stalled(now);
    quiets.push(delivery.returnMs);
    delivery.comeBack();
  }

  assert.deepEqual(quiets, [30_000, 60_000, 120_000, 240_000, 480_000, 480_000]);
});

test("the next stream begins with low latency again", () => {
  const delivery = fallenBack();

  delivery.begin();

  assert.equal(delivery.mode, LOW);
  assert.equal(delivery.why, "");
});

test("where there is no low latency, quiet changes nothing", () => {
  const delivery = new Delivery();

  assert.equal(delivery.mayReturn(1e9), false);
});

test("each stall widens the distance to the edge for a while, within bounds", () => {
  const delivery = new Delivery();
  assert.equal(delivery.margin(0), 0);

  delivery.stalled(0);
  assert.equal(delivery.margin(1_000), 0.3);
  for (let now = 0; now < 20; now++) delivery.stalled(now);
  assert.equal(delivery.margin(1_000), 1.5);
  assert.equal(delivery.margin(120_000), 0);
});

const AHEAD = 0.6;
const TARGET = 0.6;
const rates = (lates) => {
  const pace = new Pace();
  return lates.map((late, index) => pace.rate(index * 5_000, late, AHEAD, TARGET));
};

test("who is late plays a little faster until it is not, and never fast", () => {
  assert.deepEqual(rates([0.08, 0.2, 0.08, 0.02, 0.08]), [1, 1.05, 1.05, 1, 1]);
  assert.deepEqual(rates([0.5, 0.3, 1.4, 10, 0.08, 0]), [1.1, 1.1, 1.1, 1.1, 1.05, 1]);
});

test("who is too close to the edge plays a little slower until it is not", () => {
  assert.deepEqual(rates([-0.1, -0.2, -0.1, -0.02, -0.1]), [1, 0.95, 0.95, 1, 1]);
});

test("the rate changes seldom", () => {
  const pace = new Pace();
  const at = (now, late) => pace.rate(now, late, AHEAD, TARGET);

  assert.deepEqual([at(0, 0.2), at(400, 2), at(600, 2), at(5_600, 0)], [1.05, 1.05, 1.1, 1]);
});

test("what jitters by a part does not move the rate", () => {
  const pace = new Pace();
  const lates = Array.from({ length: 50 }, (_, index) => 0.05 + (index % 2 ? 0.1 : -0.1));

  const chosen = lates.map((late, index) => pace.rate(index * 100, late, AHEAD, TARGET));

  assert.deepEqual([...new Set(chosen)], [1]);
});

test("nobody hurries with an empty buffer", () => {
  assert.equal(new Pace().rate(0, 1, 0.2, TARGET), 1);
});

test("after a stall playback waits for enough, but not for ever once something has come", () => {
  const pace = new Pace();
  const at = (now, ahead) => pace.rate(now, 0, ahead, TARGET);

  pace.starve();
  assert.deepEqual([at(0, 0), at(5_000, 0), at(5_100, 0.2), at(5_300, 0.6), at(5_400, 0.2)], [0, 0, 0, 1, 1]);
  pace.starve();
  assert.deepEqual([at(6_000, 0.2), at(7_400, 0.2), at(7_500, 0.2)], [0, 0, 1]);
});

test("what would take long to catch up is leapt over; the first time also less, if what follows is there", () => {
  const pace = new Pace();

  assert.equal(pace.shouldJump(0.5, 1.0, TARGET), true);
  assert.equal(pace.shouldJump(0.5, 1.0, TARGET), false);
  assert.equal(pace.shouldJump(1.6, 2.0, TARGET), true);
  assert.equal(pace.shouldJump(4.0, 0.1, TARGET), false);
  assert.equal(pace.shouldJump(6.0, 0.1, TARGET), true);
  assert.equal(new Pace().shouldJump(0.5, 0.6, TARGET), false);
});

test("a few seconds behind is where somebody wants to be", () => {
  assert.deepEqual([-1, 0, 2, 3, 60].map(isBehindOnPurpose), [false, false, false, true, true]);
});

test("whole seconds of the server's clock, heard often enough, tell how far it is ahead", () => {
  const clock = new ServerClock();
  const ahead = 7_300;

  for (let sent = 0; sent < 10_000; sent += 170) clock.heard(Math.floor((sent + 5 + ahead) / 1000) * 1000, sent, sent + 10);

  assert.ok(Math.abs(clock.aheadMs - ahead) < 60, `${clock.aheadMs}`);
});

test("a clock that may be right is left alone, and what says nothing is not heard", () => {
  const clock = new ServerClock();

  clock.heard(Number.NaN, 0, 10);
  assert.equal(clock.aheadMs, 0);
  clock.heard(5_000, 5_400, 5_410);
  assert.equal(clock.aheadMs, 0);
});

test("a clock that is set anew is followed", () => {
  const clock = new ServerClock();
  clock.heard(5_000, 5_400, 5_410);

  clock.heard(65_000, 5_600, 5_610);

  assert.equal(clock.aheadMs, 59_895);
});
