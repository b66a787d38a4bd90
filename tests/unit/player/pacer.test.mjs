// How far behind the arriving frames a real-time stream is played, and how fast.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pacer } from "../../../streaming_app/components/player/realtime/pacer.ts";

const FRAME = 1 / 30;
const HANDLING = 0.04;
const near = (actual, expected, tolerance = 0.005) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not near ${expected}`);

/** A pacer that has received frames for `seconds`, each `lateness(index)` seconds later than usual. */
function received(seconds, lateness = () => 0, pacer = new Pacer(0)) {
  let now = 0;
  for (let index = 0; index * FRAME < seconds; index++) {
    now = (index * FRAME + lateness(index)) * 1000;
    pacer.arrived(now, index * FRAME);
  }
  return { pacer, now: seconds * 1000 };
}

test("a steady stream is played as soon as a frame can be handled", () => {
  const { pacer, now } = received(10);

  near(pacer.position(now), now / 1000 - HANDLING);
  near(pacer.distance, HANDLING);
});

test("the distance covers the lateness of nearly all frames", () => {
  const { pacer, now } = received(19, (index) => (index % 10 ? 0 : 0.09));
  pacer.position(now);

  near(pacer.distance, 0.09 + HANDLING);
});

test("a single late frame, or an outage, does not change the distance", () => {
  const once = received(19, (index) => (index === 300 ? 0.2 : 0));
  const outage = received(19, (index) => (index > 300 && index < 330 ? 2 : 0));
  once.pacer.position(once.now);
  outage.pacer.position(outage.now);

  near(once.pacer.distance, HANDLING);
  near(outage.pacer.distance, HANDLING);
});

test("frames that arrive at once when playback begins do not count", () => {
  const pacer = new Pacer(0);
  for (let index = 0; index < 30; index++) pacer.arrived(index, index * FRAME);
  for (let index = 30; index < 300; index++) pacer.arrived((index - 29) * FRAME * 1000 + 29, index * FRAME);
  const now = 270 * FRAME * 1000 + 29;

  near(pacer.position(now), 299 * FRAME - HANDLING);
});

test("playback begins further back, because the jitter is unknown", () => {
  const { pacer, now } = received(1);
  pacer.position(now);

  near(pacer.distance, HANDLING + 0.15);
});

test("an outage that has caused a stall is covered, too", () => {
  const { pacer, now } = received(19, (index) => (index > 500 && index < 504 ? 0.7 : 0));
  pacer.stalled(now);
  pacer.position(now);

  near(pacer.distance, HANDLING + 0.7 + 0.05);
});

test("lateness while the page loads does not count later", () => {
  const { pacer, now } = received(10, (index) => (index > 30 && index < 60 ? 0.3 : 0));
  pacer.stalled(now);
  pacer.position(now);

  near(pacer.distance, HANDLING + 0.05);
});

test("each later stall increases the distance for a minute, within a limit", () => {
  const { pacer, now } = received(10);
  pacer.stalled(now);
  pacer.position(now);
  near(pacer.distance, HANDLING + 0.05);

  for (let times = 0; times < 20; times++) pacer.stalled(now);
  pacer.position(now);
  near(pacer.distance, HANDLING + 0.4);

  pacer.arrived(now + 61_000, 10 + 61);
  pacer.position(now + 61_000);
  near(pacer.distance, HANDLING);
});

test("after a stall, the distance covers what has caused it", () => {
  const { pacer, now } = received(19, (index) => (index > 500 && index < 504 ? 0.2 : 0));
  pacer.position(now);
  near(pacer.distance, HANDLING);

  pacer.stalled(now);
  pacer.position(now);
  near(pacer.distance, HANDLING + 0.2 + 0.05);
});

test("stalls while the page loads do not count", () => {
  const { pacer, now } = received(2);
  pacer.stalled(now);
  for (let index = 60; index < 300; index++) pacer.arrived(index * FRAME * 1000, index * FRAME);
  pacer.position(10_000);

  near(pacer.distance, HANDLING);
});

test("small errors change nothing, larger ones the rate, and the largest seek", () => {
  const { pacer, now } = received(10);
  const position = pacer.position(now);

  assert.deepEqual(pacer.next(now, position - 0.02), { rate: 1 });
  near(pacer.next(now, position - 0.1).rate, 1.06);
  near(pacer.next(now, position - 0.4).rate, 1.1);
  near(pacer.next(now, position + 0.1).rate, 0.94);
  assert.deepEqual(pacer.next(now, position - 0.6), { rate: 1, seek: position });
});

test("the rate is corrected until the error is nearly gone", () => {
  const { pacer, now } = received(10);
  const position = pacer.position(now);

  pacer.next(now, position - 0.1);
  assert.ok(pacer.next(now, position - 0.02).rate > 1);
  assert.equal(pacer.next(now, position - 0.005).rate, 1);
});

test("playback that begins behind seeks at once", () => {
  const { pacer, now } = received(0.4);
  const position = pacer.position(now);

  assert.equal(pacer.next(now, position - 0.3).seek, position);
});

test("before the first frame there is no position", () => {
  assert.equal(new Pacer(0).position(0), null);
  assert.deepEqual(new Pacer(0).next(0, 0), { rate: 1 });
});
