// Decides whether a live stream is fetched as low-latency or plain HLS, and how fast it is played.
// Has no DOM, timers or clock: `now` is in milliseconds of any monotonic clock.

export const LOW = "low";
export const PLAIN = "plain";
export type Mode = typeof LOW | typeof PLAIN;

const STALLS_MAX = 3;
const STALLS_WITHIN_MS = 30_000;
const ERRORS_MAX = 3;
// A killed packager answers again after about three seconds; plain HLS takes over shortly before that.
const GONE_MS = 2_500;
// A new stream has nothing to play before its first keyframe, neither in low-latency nor in plain HLS.
const NOT_YET_MS = 6_000;
const RETURN_MS = 30_000;
const RETURN_MAX_MS = 480_000;
// After low latency has worked this long, the next wait is RETURN_MS again.
const STEADY_MS = 300_000;
// The first retry after a refusal comes sooner: the stream may have started a moment before.
const FIRST_RETURN_MS = 5_000;
const MARGIN_SECONDS = 0.3;
const MARGIN_MAX_SECONDS = 1.5;
const MARGIN_FOR_MS = 90_000;

/** Chooses between low-latency and plain HLS. Methods that report trouble return whether plain HLS has to take over. */
export class Delivery {
  mode: Mode = PLAIN;
  /** Why low latency is not played, in words. */
  why = "";
  errors: number[] = [];
  private hasLow = false;
  private returnMs = RETURN_MS;
  private stalls: number[] = [];
  private failingSince: number | null = null;
  private isNew = false;
  private answeredSince: number | null = null;
  private isRefused = false;
  private troubleAt = 0;

  /** Sets whether the channel has low latency. Returns whether that changed. */
  offer(hasLow: boolean): boolean {
    if (hasLow === this.hasLow) return false;
    this.hasLow = hasLow;
    this.begin();
    return true;
  }

  /** Tries low latency again: a stream began, or its publisher is back. `isNew`: the stream begins at this moment. */
  begin({ isNew = false } = {}) {
    const { hasLow, returnMs } = this;
    Object.assign(this, new Delivery(), { hasLow, returnMs, isNew, mode: hasLow ? LOW : PLAIN });
  }

  /** Records that low latency returned something new. */
  answered(now: number) {
    this.failingSince = null;
    this.answeredSince ??= now;
  }

  private get hasAnswered() {
    return this.answeredSince !== null;
  }

  /** Records that the server has plain HLS of this stream but no low latency. */
  refused(now: number): boolean {
    const wasFailing = this.failingSince !== null; // a restarted packager does not have its streams at once
    this.failingSince ??= now;
    const patience = this.hasAnswered ? (wasFailing ? GONE_MS : 0) : this.isNew ? NOT_YET_MS : 0;
    if (now - this.failingSince < patience) return false;
    this.isRefused = this.fallBack(now, "this stream has no low-latency video right now");
    return this.isRefused;
  }

  /** Records that a playlist or part did not load; `status` is the HTTP status, or 0. */
  failed(now: number, status: number): boolean {
    this.failingSince ??= now;
    const patience = this.hasAnswered || status >= 500 ? GONE_MS : NOT_YET_MS;
    return now - this.failingSince >= patience && this.fallBack(now, "the low-latency video stopped answering");
  }

  /** Records a decoding error. */
  broke(now: number): boolean {
    this.errors = [...within(this.errors, now, STALLS_WITHIN_MS), now];
    return this.errors.length >= ERRORS_MAX && this.fallBack(now, "the low-latency video couldn't be decoded");
  }

  /** Records a stall. */
  stalled(now: number): boolean {
    this.stalls = within([...this.stalls, now], now, MARGIN_FOR_MS);
    if (this.mode === PLAIN) this.troubleAt = now;
    const recent = within(this.stalls, now, STALLS_WITHIN_MS).length;
    return recent >= STALLS_MAX && this.fallBack(now, `${recent} stalls within ${STALLS_WITHIN_MS / 1000} s`);
  }

  /** Returns whether plain HLS has played long enough without trouble to try low latency again. */
  mayReturn(now: number): boolean {
    const isFirst = this.isRefused && !this.hasAnswered && this.returnMs === RETURN_MS;
    return this.mode === PLAIN && this.hasLow && now - this.troubleAt >= (isFirst ? FIRST_RETURN_MS : this.returnMs);
  }

  /** Returns to low latency, which answers again. The next return waits twice as long. */
  comeBack() {
    this.begin();
    this.returnMs = Math.min(RETURN_MAX_MS, 2 * this.returnMs);
  }

  /** Waits again before the next attempt to return, since low latency does not answer. */
  stayAway(now: number) {
    this.troubleAt = now;
  }

  /** Returns the seconds to add to the distance from the live edge because of recent stalls. */
  margin(now: number): number {
    return Math.min(MARGIN_MAX_SECONDS, MARGIN_SECONDS * within(this.stalls, now, MARGIN_FOR_MS).length);
  }

  private fallBack(now: number, why: string): boolean {
    if (this.mode === PLAIN) return false;
    if (this.answeredSince !== null && now - this.answeredSince >= STEADY_MS) this.returnMs = RETURN_MS;
    Object.assign(this, { mode: PLAIN, why, troubleAt: now, failingSince: null });
    return true;
  }
}

const FAST = 1.1;
const FASTER = 1.05;
const SLOWER = 0.95;
const VERY_LATE_SECONDS = 0.4;
const LATE_SECONDS = 0.1;
const ON_TIME_SECONDS = 0.03;
const EARLY_SECONDS = 0.15;
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
export class Pace {
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
    if (hasEnough && late > (current === FAST ? LATE_SECONDS : VERY_LATE_SECONDS)) return FAST;
    if (hasEnough && late > (current > 1 ? ON_TIME_SECONDS : LATE_SECONDS)) return FASTER;
    if (late < -(current < 1 ? ON_TIME_SECONDS : EARLY_SECONDS)) return SLOWER;
    return 1;
  }
}

/** Estimates how far the server's clock is ahead of this one, from `Date` headers, which have whole seconds. */
export class ServerClock {
  private least = -Infinity;
  private most = Infinity;

  /** Records a `Date` header of `date` ms in the answer to a request sent and received at these times of this clock. */
  heard(date: number, sentAt: number, receivedAt: number) {
    if (!Number.isFinite(date)) return;
    const least = date - receivedAt;
    const most = date + 1000 - sentAt;
    const isConsistent = least <= this.most && most >= this.least;
    this.least = isConsistent ? Math.max(this.least, least) : least;
    this.most = isConsistent ? Math.min(this.most, most) : most;
  }

  /** Milliseconds; 0 while this clock may be right, since a guess could be half a second wrong. */
  get aheadMs(): number {
    if (this.least === -Infinity || (this.least <= 0 && this.most >= 0)) return 0;
    return (this.least + this.most) / 2;
  }
}

function within(times: number[], now: number, ms: number): number[] {
  return times.filter((time) => now - time <= ms);
}
