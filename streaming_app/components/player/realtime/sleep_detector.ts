// Notices that the device, or only the page, was asleep: nothing ran for longer than it would in a page that works.
// Has no DOM, timers or clock: `now` is in milliseconds of any monotonic clock.

const ASLEEP_MS = 2_500;
// A page that wakes up first gets what has arrived meanwhile: frames, and that the server has closed the connection. A
// slow device needs some seconds for that.
const WAKING_MS = 5_000;

export class SleepDetector {
  private ranAt: number;
  private wokeAt = Number.NEGATIVE_INFINITY;

  constructor(now: number) {
    this.ranAt = now;
  }

  /** Records that the page runs; returns whether it was asleep a moment ago. Call it at least once a second. */
  runs(now: number): boolean {
    if (now - this.ranAt > ASLEEP_MS) this.wokeAt = now;
    this.ranAt = now;
    return now - this.wokeAt < WAKING_MS;
  }
}
