// Measures how unevenly a live stream arrives, and how much further from the live edge it has to be played.
// Has no DOM, timers or clock: `now` is in milliseconds of any monotonic clock.

import { TOLERANCE_SECONDS } from "./playback_rate.ts";

const SAMPLES_MS = 45_000;
// The segments that are loaded when playback begins arrive at once and say nothing about later ones.
const STARTUP_MS = 2_000;
// A later arrival is an outage, which more distance would not bridge. `ModeSelector.margin` handles stalls.
const OUTAGE_SECONDS = 1;
// To fetch, append and decode a part.
const HANDLING_SECONDS = 0.15;
// The distance changes in steps, since each change plays slower or faster for some seconds.
const STEP_SECONDS = 0.2;
const MARGIN_MAX_SECONDS = 1.2;

export class Jitter {
  /** Arrivals of new media: the time, and the seconds after the media time. */
  private samples: { at: number; offset: number }[] = [];
  private end = -Infinity;
  private beganAt: number | null = null;
  /** Seconds between the usual arrival and the latest one. */
  seconds = 0;

  /** Discards everything, because playback begins or continues elsewhere. */
  reset() {
    Object.assign(this, new Jitter());
  }

  /** Records that media up to `end` (seconds) can be played from `now` on. */
  arrived(now: number, end: number) {
    this.beganAt ??= now;
    if (end <= this.end) return; // the same media in another quality
    this.end = end;
    if (now - this.beganAt < STARTUP_MS) return;
    this.samples = this.samples
      .filter(({ at }) => now - at <= SAMPLES_MS)
      .concat({ at: now, offset: now / 1000 - end });
    const offsets = this.samples.map(({ offset }) => offset).sort((a, b) => a - b);
    const usual = offsets[Math.floor(offsets.length / 2)];
    this.seconds = Math.max(...offsets.filter((offset) => offset - usual <= OUTAGE_SECONDS)) - usual;
  }

  /** Returns the seconds to add to `distance` from the live edge so that parts of `part` seconds arrive in time. */
  margin(part: number, distance: number): number {
    const missing = this.seconds + part + HANDLING_SECONDS - distance;
    if (missing <= 0) return 0;
    return Math.min(MARGIN_MAX_SECONDS, Math.ceil((missing + TOLERANCE_SECONDS) / STEP_SECONDS) * STEP_SECONDS);
  }
}
