// When the player leaves real time for low latency, and that for plain HLS, and when it returns.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ModeSelector } from "../../../streaming_app/components/player/delivery_mode.ts";

function offered() {
  const selector = new ModeSelector();
  selector.begin({ modes: ["low", "plain"] });
  return selector;
}

function fallenBack(now = 0) {
  const selector = offered();
  for (const instant of [now - 2, now - 1, now]) selector.interrupted(instant);
  assert.equal(selector.mode, "plain");
  return selector;
}

test("low latency is preferred when it is available", () => {
  assert.equal(offered().mode, "low");
  assert.equal(new ModeSelector().mode, "plain");
});

test("a stream without low latency is played as plain HLS, also after one with low latency", () => {
  const selector = offered();

  selector.begin({ modes: ["plain"] });
  assert.equal(selector.mode, "plain");
  assert.equal(selector.why, "");
  assert.equal(selector.returnsTo(1e9), undefined);
});

test("plain HLS replaces a packager that is missing for some seconds", () => {
  const selector = offered();
  selector.answered(0);

  assert.equal(selector.failed(0), false);
  assert.equal(selector.failed(2_000), false);
  assert.equal(selector.failed(2_500), true);
  assert.equal(selector.mode, "plain");
  assert.match(selector.why, /stopped answering/);
});

test("plain HLS does not replace a packager that answers again", () => {
  const selector = offered();

  selector.failed(0);
  selector.answered(0);

  assert.equal(selector.failed(2_600), false);
  assert.equal(selector.mode, "low");
});

test("a stream that has just started is waited for", () => {
  const selector = offered();

  selector.failed(0);

  assert.equal(selector.failed(5_000), false);
  assert.equal(selector.failed(6_000), true);
});

test("three stalls within 30 s switch to plain HLS", () => {
  const close = offered();
  const spread = offered();

  assert.deepEqual([0, 10_000, 30_000].map((now) => close.interrupted(now)), [false, false, true]);
  assert.equal(close.why, "3 stalls within 30 s");
  assert.deepEqual([0, 16_000, 32_000, 48_000].map((now) => spread.interrupted(now)), [false, false, false, false]);
});

test("repeated decoding errors switch to plain HLS", () => {
  const selector = offered();

  const switches = [0, 1_000, 2_000].map((now) => selector.interrupted(now, "decoding"));

  assert.deepEqual(switches, [false, false, true]);
  assert.equal(selector.why, "decoding");
});

test("errors of plain HLS do not restart it", () => {
  const selector = fallenBack();
  const { why } = selector;

  assert.equal(selector.failed(10_000), false);
  assert.equal(selector.failed(20_000), false);
  assert.deepEqual([1, 2, 3].map((now) => selector.interrupted(now)), [false, false, false]);
  assert.equal(selector.why, why);
});

test("plain HLS starts with the delay learned from earlier stalls", () => {
  assert.ok(Math.abs(fallenBack().margin(1_000) - 0.9) < 1e-9);
});

test("a stream whose low latency is missing is played as plain HLS at once", () => {
  const selector = offered();

  assert.equal(selector.refused(0), true);
  assert.equal(selector.mode, "plain");
  assert.match(selector.why, /no low-latency video/);
});

test("low latency refused during a stream is left at once, and waited for at its start", () => {
  const running = offered();
  running.begin({ isNew: true });
  running.answered(0);
  const beginning = offered();
  beginning.begin({ isNew: true });

  assert.equal(running.refused(60_000), true);
  assert.match(running.why, /stopped answering/);
  assert.deepEqual([0, 5_000, 6_000].map((now) => beginning.refused(now)), [false, false, true]);
});

test("low latency that becomes available after the page was opened is used soon", () => {
  const selector = offered();
  selector.refused(0);

  assert.equal(selector.returnsTo(4_999), undefined);
  assert.equal(selector.returnsTo(5_000), "low");
  selector.comeBack();
  selector.answered(6_000);
  selector.refused(20_000);
  assert.equal(selector.returnsTo(79_999), undefined);
  assert.equal(selector.returnsTo(80_000), "low");
});

test("unstable low latency is retried less often, until it works for five minutes", () => {
  const selector = offered();
  const switches = [];
  let now = 0;
  for (; now < 600_000; now += 500) {
    if (selector.mode === "low" && selector.refused(now)) switches.push(now);
    else if (selector.returnsTo(now)) selector.comeBack();
  }
  assert.ok(switches.length <= 6, `${switches}`);

  selector.begin();
  selector.answered(now);
  selector.refused(now + 300_000);
  assert.equal(selector.returnMs, 30_000);
});

test("low latency is retried after undisturbed playback, and a stall restarts the wait", () => {
  const selector = fallenBack(0);

  assert.equal(selector.returnsTo(29_999), undefined);
  assert.equal(selector.returnsTo(30_000), "low");
  selector.interrupted(30_000);
  assert.equal(selector.returnsTo(59_999), undefined);
  selector.postponeReturn(60_000);
  assert.equal(selector.returnsTo(89_999), undefined);

  selector.comeBack();
  assert.equal(selector.mode, "low");
  assert.equal(selector.why, "");
  assert.equal(selector.returnsTo(90_000), undefined);
});

test("each failed retry doubles the wait, up to eight minutes", () => {
  const selector = offered();
  const quiets = [];

  for (let times = 0; times < 6; times++) {
    for (const now of [0, 1, 2]) selector.interrupted(now);
    quiets.push(selector.returnMs);
    selector.comeBack();
  }

  assert.deepEqual(quiets, [30_000, 60_000, 120_000, 240_000, 480_000, 480_000]);
});

test("the next stream starts with low latency", () => {
  const selector = fallenBack();

  selector.begin();

  assert.equal(selector.mode, "low");
  assert.equal(selector.why, "");
});

test("undisturbed playback without low latency changes nothing", () => {
  const selector = new ModeSelector();

  assert.equal(selector.returnsTo(1e9), undefined);
});

test("each stall increases the delay for a time, within limits", () => {
  const selector = new ModeSelector();
  assert.equal(selector.margin(0), 0);

  selector.interrupted(0);
  assert.equal(selector.margin(1_000), 0.3);
  for (let now = 0; now < 20; now++) selector.interrupted(now);
  assert.equal(selector.margin(1_000), 1.5);
  assert.equal(selector.margin(120_000), 0);
});

function inRealTime({ isNew = false } = {}) {
  const selector = new ModeSelector();
  selector.begin({ modes: ["realtime", "low", "plain"], isNew });
  return selector;
}

test("low latency replaces real time whose websocket is blocked, within a second", () => {
  const selector = inRealTime();

  assert.deepEqual([0, 500, 1_000].map((now) => selector.failed(now)), [false, false, true]);
  assert.equal(selector.mode, "low");
  assert.match(selector.why, /real-time/);
});

test("real time of a stream that has just started is waited for", () => {
  const selector = inRealTime({ isNew: true });

  assert.deepEqual([0, 5_000, 6_000].map((now) => selector.failed(now)), [false, false, true]);
});

test("real time of a stream that has just started is not waited for if its websocket is closed", () => {
  const selector = inRealTime({ isNew: true });

  assert.deepEqual([0, 1_000].map((now) => selector.failed(now, { isClosed: true })), [false, true]);
});

test("real time waits for a packager that was restarted", () => {
  const selector = inRealTime();
  selector.answered(0);

  assert.deepEqual([1_000, 5_000, 5_500].map((now) => selector.failed(now)), [false, false, true]);
});

test("stalls in real time do not count in low latency", () => {
  const selector = inRealTime();
  selector.answered(0);

  assert.deepEqual([0, 1, 2, 3, 4].map((now) => selector.interrupted(now)), [false, false, false, false, true]);
  assert.equal(selector.mode, "low");
  assert.equal(selector.why, "5 stalls within 30 s");
  assert.equal(selector.margin(5), 0);
  assert.equal(selector.interrupted(5), false);
});

test("the player returns one mode at a time", () => {
  const selector = inRealTime();
  selector.fallBack(0, "slow");
  selector.fallBack(0, "slower");
  assert.equal(selector.mode, "plain");

  assert.equal(selector.returnsTo(30_000), "low");
  selector.comeBack();
  assert.equal(selector.mode, "low");
  assert.equal(selector.returnsTo(Infinity), "realtime");
  selector.comeBack();
  assert.equal(selector.mode, "realtime");
  assert.equal(selector.returnsTo(Infinity), undefined);
});
