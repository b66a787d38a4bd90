// Decides whether a live stream is fetched as low-latency or plain HLS.
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
export class ModeSelector {
  mode: Mode = PLAIN;
  /** Why low latency is not played, in words. */
  why = "";
  private errors: number[] = [];
  private hasLow = false;
  private returnMs = RETURN_MS;
  private stalls: number[] = [];
  private failingSince: number | null = null;
  private isNew = false;
  private answeredSince: number | null = null;
  private returnAt = 0; // when low latency may be tried again

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
    Object.assign(this, new ModeSelector(), { hasLow, returnMs, isNew, mode: hasLow ? LOW : PLAIN });
  }

  /** Records that low latency returned something new. */
  answered(now: number) {
    this.failingSince = null;
    this.answeredSince ??= now;
  }

  /** Records that the server has plain HLS of this stream but no low latency. */
  refused(now: number): boolean {
    const hasAnswered = this.answeredSince !== null;
    const wasFailing = this.failingSince !== null; // a restarted packager does not have its streams at once
    this.failingSince ??= now;
    const patience = hasAnswered ? (wasFailing ? GONE_MS : 0) : this.isNew ? NOT_YET_MS : 0;
    if (now - this.failingSince < patience) return false;
    const isFirst = !hasAnswered && this.returnMs === RETURN_MS;
    return this.fallBack(now, "this stream has no low-latency video right now", isFirst ? FIRST_RETURN_MS : undefined);
  }

  /** Records that a playlist or part did not load; `status` is the HTTP status, or 0. */
  failed(now: number, status: number): boolean {
    this.failingSince ??= now;
    const patience = this.answeredSince !== null || status >= 500 ? GONE_MS : NOT_YET_MS;
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
    if (this.mode === PLAIN) this.postponeReturn(now);
    const recent = within(this.stalls, now, STALLS_WITHIN_MS).length;
    return recent >= STALLS_MAX && this.fallBack(now, `${recent} stalls within ${STALLS_WITHIN_MS / 1000} s`);
  }

  /** Returns whether plain HLS has played long enough without trouble to try low latency again. */
  mayReturn(now: number): boolean {
    return this.mode === PLAIN && this.hasLow && now >= this.returnAt;
  }

  /** Returns to low latency, which answers again. The next return waits twice as long. */
  comeBack() {
    this.begin();
    this.returnMs = Math.min(RETURN_MAX_MS, 2 * this.returnMs);
  }

  /** Waits again before the next attempt to return, because of trouble or because this attempt may fail. */
  postponeReturn(now: number) {
    this.returnAt = now + this.returnMs;
  }

  /** Returns the seconds to add to the distance from the live edge because of recent stalls. */
  margin(now: number): number {
    return Math.min(MARGIN_MAX_SECONDS, MARGIN_SECONDS * within(this.stalls, now, MARGIN_FOR_MS).length);
  }

  private fallBack(now: number, why: string, returnMs?: number): boolean {
    if (this.mode === PLAIN) return false;
    if (this.answeredSince !== null && now - this.answeredSince >= STEADY_MS) this.returnMs = RETURN_MS;
    Object.assign(this, { mode: PLAIN, why, returnAt: now + (returnMs ?? this.returnMs), failingSince: null });
    return true;
  }
}

function within(times: number[], now: number, ms: number): number[] {
  return times.filter((time) => now - time <= ms);
}
