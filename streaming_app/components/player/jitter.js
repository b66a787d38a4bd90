// How unevenly a live stream arrives, and how much further from the live edge it has to be played because of that.
// No DOM, no timers, no clock: `now` is in milliseconds of any clock that runs evenly.

const REMEMBERED_MS = 45_000;
// What is on its way when playback begins comes in a rush, and says nothing of how the rest will come.
const RUSH_MS = 2_000;
// Later than this is an outage: no distance that anyone would want bridges it, and `Delivery.margin` follows stalls.
const OUTAGE_SECONDS = 1;
// To be fetched, appended and decoded before it is shown.
const HANDLING_SECONDS = 0.15;
// `Pace` lets one be a little closer than that before it slows down.
const SPARE_SECONDS = 0.1;
// The distance changes in steps: each is a little slower or faster for some seconds.
const STEP_SECONDS = 0.2;
const MARGIN_MAX_SECONDS = 1.2;

export class Jitter {
  constructor() {
    this.reset();
  }

  /** Playback begins, or goes on elsewhere. */
  reset() {
    this.samples = []; // {at, offset}: when, and how many seconds after its own time, something new could be played
    this.end = -Infinity;
    this.beganAt = null;
    this.seconds = 0;
  }

  /** Media up to `end` seconds can be played from `now` on. */
  arrived(now, end) {
    this.beganAt ??= now;
    if (end <= this.end) return; // once more, in another quality
    this.end = end;
    if (now - this.beganAt < RUSH_MS) return;
    this.samples = [...this.samples.filter(({ at }) => now - at <= REMEMBERED_MS), { at: now, offset: now / 1000 - end }];
    this.seconds = this.worst();
  }

  /** Seconds between the usual arrival and the latest one. */
  worst() {
    const offsets = this.samples.map(({ offset }) => offset).sort((a, b) => a - b);
    const usual = offsets[Math.floor(offsets.length / 2)];
    return Math.max(...offsets.filter((offset) => offset - usual <= OUTAGE_SECONDS)) - usual;
  }

  /** Seconds beyond `distance` from the live edge at which parts of `part` seconds come in time. */
  margin(part, distance) {
    const missing = this.seconds + part + HANDLING_SECONDS - distance;
    if (missing <= 0) return 0;
    return Math.min(MARGIN_MAX_SECONDS, Math.ceil((missing + SPARE_SECONDS) / STEP_SECONDS) * STEP_SECONDS);
  }
}
