// How a stream is fetched and how fast it is played: decisions only, made from what they are told. No DOM, no timers, no
// clock: `now` is in milliseconds of any clock that runs evenly.

export const LOW = "low";
export const PLAIN = "plain";

const STALLS_MAX = 3;
const STALLS_WITHIN_MS = 30_000;
const ERRORS_MAX = 3;
// A packager that was killed is back in about three seconds, so plain HLS takes over only a little before that would do.
const GONE_MS = 2_500;
// A stream that has just begun has nothing to play until its first key frame, and plain HLS has to wait for it too.
const NOT_YET_MS = 6_000;
const QUIET_MS = 30_000;
const QUIET_MAX_MS = 480_000;
// Low latency that worked for so long has earned its first, short quiet again.
const STEADY_MS = 300_000;
// How soon low latency that was refused is asked for the first time again: the stream may have begun a moment before.
const FIRST_RETURN_MS = 5_000;
const MARGIN_SECONDS = 0.3;
const MARGIN_MAX_SECONDS = 1.5;
const MARGIN_FOR_MS = 90_000;

/** Whether low latency or plain HLS is played, and why not low latency. */
export class Delivery {
  constructor() {
    this.hasLow = false;
    this.quietMs = QUIET_MS;
    this.begin();
  }

  /** What the page offers. True when that changes what is played. */
  offer(hasLow) {
    if (hasLow === this.hasLow) return false;
    this.hasLow = hasLow;
    this.begin();
    return true;
  }

  /** A stream is there, or its publisher is back: low latency has another chance. `isNew`: it begins at this moment. */
  begin({ isNew = false } = {}) {
    this.mode = this.hasLow ? LOW : PLAIN;
    this.why = "";
    this.stalls = [];
    this.errors = [];
    this.failingSince = null;
    this.isNew = isNew;
    this.hasAnswered = false;
    this.answeredSince = null;
    this.isRefused = false;
    this.troubledAt = 0;
  }

  /** Low latency gave something new. */
  answered(now) {
    this.failingSince = null;
    this.hasAnswered = true;
    this.answeredSince ??= now;
  }

  /** The server has plain HLS of this stream now, and no low latency. True when plain HLS has to take over. */
  refused(now) {
    const wasFailing = this.failingSince !== null; // a packager that was killed does not know its streams at once
    this.failingSince ??= now;
    const patience = this.hasAnswered ? (wasFailing ? GONE_MS : 0) : this.isNew ? NOT_YET_MS : 0;
    if (now - this.failingSince < patience || !this.fallBack(now, "there is no low-latency video of this stream now")) return false;
    this.isRefused = true;
    return true;
  }

  /** A playlist or a part did not come; `status` is HTTP's, 0 without one. True when plain HLS has to take over. */
  failed(now, status) {
    this.failingSince ??= now;
    const patience = this.hasAnswered || status >= 500 ? GONE_MS : NOT_YET_MS;
    return now - this.failingSince >= patience && this.fallBack(now, "the low-latency video stopped answering");
  }

  /** The video could not be decoded. True when plain HLS has to take over. */
  broke(now) {
    this.errors = [...within(this.errors, now, STALLS_WITHIN_MS), now];
    return this.errors.length >= ERRORS_MAX && this.fallBack(now, "the low-latency video could not be decoded");
  }

  /** Playback ran dry. True when plain HLS has to take over. */
  stalled(now) {
    this.stalls.push(now);
    this.stalls = within(this.stalls, now, MARGIN_FOR_MS);
    if (this.mode === PLAIN) this.troubledAt = now;
    const recent = within(this.stalls, now, STALLS_WITHIN_MS).length;
    return recent >= STALLS_MAX && this.fallBack(now, `${recent} stalls within ${STALLS_WITHIN_MS / 1000} s`);
  }

  /** Whether plain HLS has been quiet for long enough to try low latency again. */
  mayReturn(now) {
    const isFirst = this.isRefused && !this.hasAnswered && this.quietMs === QUIET_MS;
    return this.mode === PLAIN && this.hasLow && now - this.troubledAt >= (isFirst ? FIRST_RETURN_MS : this.quietMs);
  }

  /** Low latency answers again: it is tried. Each time that ends in trouble, the quiet has to last twice as long. */
  comeBack() {
    this.begin();
    this.quietMs = Math.min(QUIET_MAX_MS, 2 * this.quietMs);
  }

  /** Low latency does not answer yet: the quiet begins anew. */
  stayAway(now) {
    this.troubledAt = now;
  }

  /** Seconds to stay further from the edge than the server asks, for a network that has just been too slow. */
  margin(now) {
    return Math.min(MARGIN_MAX_SECONDS, MARGIN_SECONDS * within(this.stalls, now, MARGIN_FOR_MS).length);
  }

  fallBack(now, why) {
    if (this.mode === PLAIN) return false;
    if (this.answeredSince !== null && now - this.answeredSince >= STEADY_MS) this.quietMs = QUIET_MS;
    this.mode = PLAIN;
    this.why = why;
    this.troubledAt = now;
    this.failingSince = null;
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
// A network that is just quick enough fills the buffer no faster than hurrying would empty it.
const ENOUGH_OF_TARGET = 0.8;
const CHANGE_MS = 500;
// How late one is jitters by a part: the edge moves with each playlist, and those come when the network brings them.
const SMOOTH_MS = 500;
const HOLD_MAX_MS = 1_500;
const HOLD_SECONDS = 0.8;
const JUMP_SECONDS = 1.5;
const BLIND_JUMP_SECONDS = 5;
const FIRST_JUMP_SECONDS = 0.25;
const AWAY_SECONDS = 2.5;

/** Whoever seeks or resumes so many seconds before the live edge does so on purpose, and is left there. */
export const isBehindOnPurpose = (late) => late > AWAY_SECONDS;

/** How fast to play at the live edge. hls.js has this too, but acts only with over a second of video in the buffer. */
export class Pace {
  constructor() {
    this.current = 1;
    this.changedAt = -Infinity;
    this.isStarved = false;
    this.heldSince = null;
    this.hasBegun = false;
    this.late = null;
    this.seenAt = 0;
  }

  /** Playback ran dry: what comes is kept until it is enough, so that one stall does not become many. */
  starve() {
    this.isStarved = true;
  }

  /** Whether to leap to the edge: over what would take long to catch up, and once, in the first moment, over less. */
  shouldJump(late, ahead, target) {
    const least = this.hasBegun ? JUMP_SECONDS : FIRST_JUMP_SECONDS;
    this.hasBegun = true;
    // Into what is not there yet only from far behind: a slow network would not bring it sooner than it brings this.
    const staysBuffered = ahead - late > target / 2;
    const jumps = late > (staysBuffered ? least : BLIND_JUMP_SECONDS);
    if (jumps) this.late = null;
    return jumps;
  }

  /** The rate for being `late` seconds behind a `target` delay with `ahead` seconds in the buffer. */
  rate(now, late, ahead, target) {
    if (this.holds(now, ahead, target)) return 0;
    const wanted = this.wanted(this.smoothed(now, late), ahead > ENOUGH_OF_TARGET * target);
    if (wanted === this.current || (now - this.changedAt < CHANGE_MS && wanted !== 1)) return this.current;
    this.changedAt = now;
    this.current = wanted;
    return wanted;
  }

  smoothed(now, late) {
    this.late ??= late;
    this.late += (late - this.late) * (1 - Math.exp((this.seenAt - now) / SMOOTH_MS));
    this.seenAt = now;
    return this.late;
  }

  holds(now, ahead, target) {
    if (!this.isStarved) return false;
    if (ahead > 0) this.heldSince ??= now;
    if (ahead < Math.min(target, HOLD_SECONDS) && now - (this.heldSince ?? now) < HOLD_MAX_MS) return true;
    this.isStarved = false;
    this.heldSince = null;
    return false;
  }

  /** A rate begun is kept until it has done its work: a limit of its own for each, or it would change all the time. */
  wanted(late, hasEnough) {
    const { current } = this;
    if (hasEnough && late > (current === FAST ? LATE_SECONDS : VERY_LATE_SECONDS)) return FAST;
    if (hasEnough && late > (current > 1 ? ON_TIME_SECONDS : LATE_SECONDS)) return FASTER;
    if (late < -(current < 1 ? ON_TIME_SECONDS : EARLY_SECONDS)) return SLOWER;
    return 1;
  }
}

const SECOND_MS = 1000;

/** How far the server's clock is ahead of this one, from `Date` headers: each names a whole second, all of them the rest. */
export class ServerClock {
  constructor() {
    this.least = -Infinity;
    this.most = Infinity;
  }

  /** A `Date` of `date` came in answer to a request, both moments by this clock. */
  heard(date, sentAt, receivedAt) {
    if (!Number.isFinite(date)) return;
    const least = date - receivedAt;
    const most = date + SECOND_MS - sentAt;
    const isConsistent = least <= this.most && most >= this.least;
    this.least = isConsistent ? Math.max(this.least, least) : least;
    this.most = isConsistent ? Math.min(this.most, most) : most;
  }

  /** Milliseconds. Nothing while this clock may well be right: half a second of guessing would be worse. */
  get aheadMs() {
    if (this.least === -Infinity || (this.least <= 0 && this.most >= 0)) return 0;
    return (this.least + this.most) / 2;
  }
}

function within(instants, now, ms) {
  return instants.filter((instant) => now - instant <= ms);
}
