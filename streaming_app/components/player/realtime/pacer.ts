// Decides how far behind the arriving frames a real-time stream is played, and how fast.
// Has no DOM, timers or clock: `now` is in milliseconds of any monotonic clock.

const SAMPLES_MS = 20_000;
// The frames since the newest keyframe, which arrive at once when playback begins, say nothing about later ones.
const STARTUP_MS = 500;
// While a page loads, the browser is busy and nothing is known of the jitter.
const SETTLING_MS = 4_000;
const SETTLING_SECONDS = 0.15;
const PERCENTILE = 0.99;
// A later arrival is an outage, for which the distance is increased only after it has caused a stall.
const OUTAGE_SECONDS = 0.4;
const OUTAGE_MAX_SECONDS = 0.9;
// To append and decode a frame.
const HANDLING_SECONDS = 0.04;
// The distance follows the jitter in steps, since each change plays faster or slower for a moment.
const STEP_SECONDS = 0.02;
const EVALUATED_MS = 500;
const STALL_SECONDS = 0.05;
const STALLS_MAX_SECONDS = 0.4;
const STALLS_FOR_MS = 60_000;
const JUMP_SECONDS = 0.5;
const FIRST_JUMP_SECONDS = 0.25;
const TOLERANCE_SECONDS = 0.025;
const ON_TIME_SECONDS = 0.008;
const FASTEST = 0.1;
const GAIN = 0.6; // of the rate, for each second of lateness
const RATE_STEP = 0.01;

export class Pacer {
  /** The distance in seconds between the arrival of a usual frame and its display. */
  distance = 0;
  /** Arrivals: the time, and the seconds after the frame's own time. */
  private samples: { at: number; offset: number }[] = [];
  private usual = Number.POSITIVE_INFINITY; // the offset of the frames that arrived fastest
  private needed = 0; // the offset that nearly all frames need
  private evaluatedAt = Number.NEGATIVE_INFINITY;
  private beganAt: number | null = null;
  private stalls: number[] = [];
  private rate = 1;
  private extra: number;

  /** `extra`: seconds to add to the distance, for what the browser needs to play the stream's tracks. */
  constructor(extra: number) {
    this.extra = extra;
  }

  /** Records that a frame for `time` (seconds) arrived. */
  arrived(now: number, time: number) {
    this.beganAt ??= now;
    const offset = now / 1000 - time;
    if (now - this.beganAt < STARTUP_MS) {
      if (offset >= (this.samples[0]?.offset ?? Number.POSITIVE_INFINITY)) return;
      this.samples = [];
      this.evaluatedAt = Number.NEGATIVE_INFINITY;
    }
    this.samples.push({ at: now, offset });
  }

  /** Returns whether playback has just begun. */
  isSettling(now: number): boolean {
    return now - (this.beganAt ?? now) < SETTLING_MS;
  }

  /** How many stalls count now. */
  get stallsLately(): number {
    return this.stalls.length;
  }

  /** Records a stall: playback settles further back for a minute. Stalls at the beginning say nothing. */
  stalled(now: number) {
    if (this.isSettling(now)) return;
    this.stalls.push(now);
    this.evaluatedAt = Number.NEGATIVE_INFINITY;
  }

  /** Returns the media time that should be shown at `now`; null before the first frame. */
  position(now: number): number | null {
    this.evaluate(now);
    return this.samples.length ? now / 1000 - this.usual - this.distance : null;
  }

  /** Returns how to play on from `time`: at a rate, or after a seek to the returned position. */
  next(now: number, time: number): { rate: number; seek?: number } {
    const position = this.position(now);
    if (position === null) return { rate: 1 };
    const late = position - time;
    const isBeginning = now - (this.beganAt ?? now) < 2 * STARTUP_MS;
    if (Math.abs(late) > JUMP_SECONDS || (isBeginning && late > FIRST_JUMP_SECONDS)) {
      this.rate = 1;
      return { rate: 1, seek: position };
    }
    const isCorrecting = this.rate !== 1;
    if (Math.abs(late) < (isCorrecting ? ON_TIME_SECONDS : TOLERANCE_SECONDS)) this.rate = 1;
    else {
      const change = Math.max(-FASTEST, Math.min(FASTEST, late * GAIN));
      this.rate = 1 + Math.sign(change) * Math.ceil(Math.abs(change) / RATE_STEP) * RATE_STEP;
    }
    return { rate: this.rate };
  }

  private evaluate(now: number) {
    if (now - this.evaluatedAt < EVALUATED_MS) return;
    this.evaluatedAt = now;
    const from = Math.max(
      now - SAMPLES_MS,
      this.isSettling(now) ? 0 : (this.beganAt ?? 0) + SETTLING_MS - EVALUATED_MS,
    );
    this.samples = this.samples.filter(({ at }, index) => at >= from || index === this.samples.length - 1);
    this.stalls = this.stalls.filter((at) => now - at <= STALLS_FOR_MS);
    if (!this.samples.length) return;
    const offsets = this.samples.map(({ offset }) => offset).sort((a, b) => a - b);
    this.usual = offsets[0];
    const outage = this.stalls.length ? OUTAGE_MAX_SECONDS : OUTAGE_SECONDS;
    const near = offsets.filter((offset) => offset - this.usual <= outage);
    const afterStalls = Math.min(STALLS_MAX_SECONDS, STALL_SECONDS * this.stalls.length);
    // After a stall, the distance covers all of them: the same lateness may come again.
    const share = this.stalls.length ? 1 : PERCENTILE;
    this.needed = near[Math.ceil(share * near.length) - 1] - this.usual;
    const settling = this.isSettling(now) ? SETTLING_SECONDS : 0;
    const distance = this.needed + HANDLING_SECONDS + this.extra + afterStalls + settling;
    if (distance > this.distance || distance < this.distance - STEP_SECONDS) this.distance = distance;
  }
}
