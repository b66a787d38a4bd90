// Decides how fast a live stream is played, so that it stays at the target latency.
// Has no DOM, timers or clock: `now` is in milliseconds of any monotonic clock.

const FAST = 1.1;
const FASTER = 1.05;
const SLOWER = 0.95;
const VERY_LATE_SECONDS = 0.4;
/** Within this distance of the target, the rate stays at 1. */
export const TOLERANCE_SECONDS = 0.1;
const ON_TIME_SECONDS = 0.03;
// With less in the buffer, playing faster would empty it: the network delivers no faster.
const ENOUGH_OF_TARGET = 0.8;
const CHANGE_MS = 500;
// The live edge moves with each playlist, whose arrival jitters by a part.
const SMOOTH_MS = 500;
const HOLD_MAX_MS = 1_500;
const HOLD_SECONDS = 0.8;
const JUMP_SECONDS = 1.5;
const JUMP_UNBUFFERED_SECONDS = 5;
const FIRST_JUMP_SECONDS = 0.25;
const AWAY_SECONDS = 2.5;

/** Returns whether a viewer `late` seconds behind the live edge went back on purpose, and should stay there. */
export const isBehindOnPurpose = (late: number) => late > AWAY_SECONDS;

/** Chooses the playback rate at the live edge. hls.js has this too, but only with over a second in the buffer. */
export class PlaybackRate {
  private current = 1;
  private changedAt = -Infinity;
  private isStarved = false;
  private heldSince: number | null = null;
  private hasBegun = false;
  private late: number | null = null;
  private seenAt = 0;

  /** Records a stall: playback waits until the buffer is large enough, so that one stall does not become many. */
  starve() {
    this.isStarved = true;
  }

  /** Returns whether to seek to the live edge: from far behind and, when playback begins, from less far. */
  shouldJump(late: number, ahead: number, target: number): boolean {
    const least = this.hasBegun ? JUMP_SECONDS : FIRST_JUMP_SECONDS;
    this.hasBegun = true;
    // Seeking beyond the buffer pays off only from far behind: a slow network delivers that media no sooner.
    const staysBuffered = ahead - late > target / 2;
    const jumps = late > (staysBuffered ? least : JUMP_UNBUFFERED_SECONDS);
    if (jumps) this.late = null;
    return jumps;
  }

  /** Returns the rate for `late` seconds beyond the `target` distance, with `ahead` seconds in the buffer. */
  rate(now: number, late: number, ahead: number, target: number): number {
    if (this.holds(now, ahead, target)) return 0;
    const wanted = this.wanted(this.smoothed(now, late), ahead > ENOUGH_OF_TARGET * target);
    if (wanted === this.current || (now - this.changedAt < CHANGE_MS && wanted !== 1)) return this.current;
    this.changedAt = now;
    this.current = wanted;
    return wanted;
  }

  private smoothed(now: number, late: number): number {
    this.late ??= late;
    this.late += (late - this.late) * (1 - Math.exp((this.seenAt - now) / SMOOTH_MS));
    this.seenAt = now;
    return this.late;
  }

  private holds(now: number, ahead: number, target: number): boolean {
    if (!this.isStarved) return false;
    if (ahead > 0) this.heldSince ??= now;
    if (ahead < Math.min(target, HOLD_SECONDS) && now - (this.heldSince ?? now) < HOLD_MAX_MS) return true;
    this.isStarved = false;
    this.heldSince = null;
    return false;
  }

  /** Returns the rate without smoothing. The limits at which a rate starts and ends differ, so that it changes rarely. */
  private wanted(late: number, hasEnough: boolean): number {
    const { current } = this;
    if (hasEnough && late > (current === FAST ? TOLERANCE_SECONDS : VERY_LATE_SECONDS)) return FAST;
    if (hasEnough && late > (current > 1 ? ON_TIME_SECONDS : TOLERANCE_SECONDS)) return FASTER;
    if (late < -(current < 1 ? ON_TIME_SECONDS : TOLERANCE_SECONDS)) return SLOWER;
    return 1;
  }
}
