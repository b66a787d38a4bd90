// When a player reports, and what.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PlaybackReports } from "../../../streaming_app/components/player/playback_reports.ts";

const STATE = { delivery: "low", delayMs: 640.4, stalls: 0 };

/** Returns the reports of `seconds`, with the seconds at which they were due. */
function reports(schedule, seconds, state, from = 0) {
  const all = [];
  for (let second = from; second < from + seconds; second++) {
    const report = schedule.due(state, second * 1000);
    if (report) all.push({ second, ...report });
  }
  return all;
}

test("the first report comes soon, and the next ones every 15 to 25 seconds", () => {
  const all = reports(new PlaybackReports(), 600, STATE);

  assert.ok(all[0].second <= 10);
  const gaps = all.slice(1).map(({ second }, index) => second - all[index].second);
  assert.ok(gaps.every((gap) => gap >= 15 && gap <= 26));
  assert.ok(new Set(gaps).size > 1, "the times are random");
});

test("a report has the rounded delay, and a random name of the player", () => {
  const [report] = reports(new PlaybackReports(), 20, STATE);
  const [other] = reports(new PlaybackReports(), 20, STATE);

  assert.equal(report.delay_ms, 640);
  assert.match(report.player, /^[a-z0-9]{6,20}$/);
  assert.notEqual(report.player, other.player);
});

test("a change of the delivery is reported within ten seconds", () => {
  const schedule = new PlaybackReports();
  const [first] = reports(schedule, 11, STATE);
  const changed = reports(schedule, 11, { ...STATE, delivery: "realtime" }, first.second + 1);

  assert.equal(changed[0].delivery, "realtime");
});

test("stalls are counted since the last report", () => {
  const schedule = new PlaybackReports();
  reports(schedule, 12, { ...STATE, stalls: 2 });

  const [next] = reports(schedule, 30, { ...STATE, stalls: 5 }, 12);

  assert.equal(next.stalls, 3);
});
