// Decides whether a live stream is fetched as low-latency or plain HLS.
// Has no DOM, timers or clock: `now` is in milliseconds of any monotonic clock.

export const LOW = "low";
export const PLAIN = "plain";
export type Mode = typeof LOW | typeof PLAIN;

const STOPPED = "the low-latency video stopped answering";
const INTERRUPTIONS_MAX = 3;
const WITHIN_MS = 30_000;
// A killed packager answers again after about three seconds; plain HLS takes over shortly before that.
const GONE_MS = 2_500;
// A new stream has no low latency before its first keyframe; its plain HLS may still be the previous stream's.
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
  private hasLow = false;
  private returnMs = RETURN_MS;
  private interruptions: number[] = [];
  private failingSince: number | null = null;
  private isNew = false;
  private answeredSince: number | null = null;
  private returnAt = 0; // when low latency may be tried again

  /**
   * Tries low latency: a stream begins or continues. `hasLow`: whether the channel has low latency. `isNew`: the stream
   * begins, or its publisher is back, at this moment.
   */
  begin({ hasLow = this.hasLow, isNew = false } = {}) {
    const { returnMs } = this;
    Object.assign(this, new ModeSelector(), { hasLow, returnMs, isNew, mode: hasLow ? LOW : PLAIN });
  }

  /** Records that low latency returned something new. */
  answered(now: number) {
    this.failingSince = null;
    this.answeredSince ??= now;
  }

  /** Records that the server sent something else to play, because it has no low latency of this stream. */
  refused(now: number): boolean {
    this.failingSince ??= now;
    if (this.answeredSince !== null) return this.fallBack(now, STOPPED);
    if (this.isNew && now - this.failingSince < NOT_YET_MS) return false;
    const isFirst = this.returnMs === RETURN_MS;
    return this.fallBack(now, "this stream has no low-latency video right now", isFirst ? FIRST_RETURN_MS : undefined);
  }

  /** Records that a playlist or part did not load. */
  failed(now: number): boolean {
    this.failingSince ??= now;
    const patience = this.answeredSince === null ? NOT_YET_MS : GONE_MS;
    return now - this.failingSince >= patience && this.fallBack(now, STOPPED);
  }

  /** Records that playback was interrupted: by a stall, or by a decoding error. */
  interrupted(now: number, why = `${INTERRUPTIONS_MAX} stalls within ${WITHIN_MS / 1000} s`): boolean {
    this.interruptions = within([...this.interruptions, now], now, MARGIN_FOR_MS);
    if (this.mode === PLAIN) this.postponeReturn(now);
    return within(this.interruptions, now, WITHIN_MS).length >= INTERRUPTIONS_MAX && this.fallBack(now, why);
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

  /** Returns the seconds to add to the distance from the live edge because of recent interruptions. */
  margin(now: number): number {
    return Math.min(MARGIN_MAX_SECONDS, MARGIN_SECONDS * within(this.interruptions, now, MARGIN_FOR_MS).length);
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
