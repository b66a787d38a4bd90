// How far from the live edge a stream is played: as uneven arrivals need it, and no further.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Jitter } from "../../../streaming_app/components/player/jitter.ts";
import { PlaybackRate } from "../../../streaming_app/components/player/playback_rate.ts";

const PART = 0.2;
const HOLD_BACK = 0.6;

/** Parts that come `lateness(index)` seconds later than usual, as far as those before them let them. */
function arrivals(seconds, lateness) {
  const parts = [];
  let last = 0;
  for (let index = 0; index * PART < seconds; index++) {
    const end = (index + 1) * PART;
    last = Math.max(last, end + lateness(index));
    parts.push({ at: last, end });
  }
  return parts;
}

function heard(seconds, lateness) {
  const jitter = new Jitter();
  for (const { at, end } of arrivals(seconds, lateness)) jitter.arrived(at * 1000, end);
  return jitter;
}

const every = (parts, seconds) => (index) => (index % parts === parts - 1 ? seconds : 0);
const margin = (jitter) => Math.round(jitter.margin(PART, HOLD_BACK) * 100) / 100;

test("a steady stream is played at the delay of the server", () => {
  assert.equal(margin(heard(60, () => 0)), 0);
  assert.equal(margin(heard(60, (index) => (index % 3) * 0.05)), 0);
  assert.equal(new Jitter().margin(PART, HOLD_BACK), 0);
});

test("late parts increase the delay by the missing time, in steps", () => {
  assert.equal(margin(heard(60, every(50, 0.3))), 0.2);
  assert.equal(margin(heard(60, every(50, 0.6))), 0.6);
  assert.equal(margin(heard(60, every(50, 0.9))), 0.8);
});

test("the delay decreases within a minute when parts are punctual again", () => {
  const jitter = new Jitter();
  const margins = arrivals(120, (index) => (index === 100 ? 0.6 : 0)).map(({ at, end }) => {
    jitter.arrived(at * 1000, end);
    return [at, margin(jitter)];
  });

  assert.equal(margins.find(([at]) => at > 30)[1], 0.6);
  assert.equal(margins.find(([at]) => at > 80)[1], 0);
});

test("an outage does not increase the delay", () => {
  assert.equal(margin(heard(60, every(200, 3))) <= 1.2, true);
  assert.equal(margin(heard(30, (index) => (index === 100 ? 1.3 : 0))) < 1, true);
});

test("parts that exist before playback are not measured", () => {
  const jitter = new Jitter();
  for (let index = 0; index < 20; index++) jitter.arrived(5_000 + index * 10, index * PART);

  assert.equal(margin(jitter), 0);
});

test("a change of quality and a seek are not jitter", () => {
  const jitter = heard(30, () => 0);

  jitter.arrived(31_000, 29);
  assert.equal(margin(jitter), 0);
  jitter.reset();
  jitter.arrived(40_000, 12);
  assert.equal(margin(jitter), 0);
});

/** Plays arrivals as the player does, every 20 ms; how often it runs dry, and the delay to the usual arrival at the end. */
function play(parts, marginAt) {
  const jitter = new Jitter();
  const pace = new PlaybackRate();
  const played = { stalls: 0, delay: 0 };
  let [next, available, position, isDry] = [0, 0, null, false];
  for (let now = 0; now < parts.at(-1).at; now += 0.02) {
    for (; next < parts.length && parts[next].at <= now; next++) {
      available = parts[next].end;
      jitter.arrived(now * 1000, available);
    }
    const distance = HOLD_BACK + marginAt(jitter);
    if (available < 1) continue;
    position ??= now - distance;
    const ahead = Math.max(0, available - position);
    const rate = pace.rate(now * 1000, now - distance - position, ahead, distance);
    if (ahead <= 0.02 && !isDry) {
      played.stalls += 1;
      pace.starve();
    }
    isDry = ahead <= 0.02;
    position += 0.02 * (isDry ? 0 : rate);
    played.delay = now - position;
  }
  return played;
}

test("a stream with a hiccup every ten seconds stalls only once", () => {
  const hiccups = (index) => (index < 400 && index % 50 === 49 ? 0.65 : 0);
  const before = play(arrivals(80, hiccups), () => 0);
  const now = play(arrivals(80, hiccups), (jitter) => jitter.margin(PART, HOLD_BACK));
  const calm = play(arrivals(180, hiccups), (jitter) => jitter.margin(PART, HOLD_BACK));

  assert.ok(before.stalls >= 4, `${before.stalls}`);
  assert.equal(now.stalls, 1);
  assert.ok(Math.abs(calm.delay - HOLD_BACK) < 0.12, `${calm.delay}`);
});
