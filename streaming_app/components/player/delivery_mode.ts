// Decides how a live stream is delivered: in real time, as low-latency HLS or as plain HLS.
// Has no DOM, timers or clock: `now` is in milliseconds of any monotonic clock.

import type { DeliveryMode } from "../generated.ts";

const NAMES = { realtime: "real-time", low: "low-latency", plain: "plain" };
// Stalls in real time are short, and each increases the distance.
const INTERRUPTIONS_MAX = { realtime: 5, low: 3, plain: 3 };
const WITHIN_MS = 30_000;
// After a kill, the packager's standby answers within two seconds. Without a standby it takes about three, and plain HLS
// takes over before. Real time needs no request to continue, so waiting is faster than changing the mode.
const GONE_MS = { realtime: 4_500, low: 2_500, plain: 0 };
// A new stream has no low latency before its first keyframe; its plain HLS may still be the previous stream's.
const NOT_YET_MS = 6_000;
// A websocket that a proxy blocks is refused at once, or never opens.
const BLOCKED_MS = 1_000;
const RETURN_MS = 30_000;
const RETURN_MAX_MS = 480_000;
// After a mode has worked this long, the next wait is RETURN_MS again.
const STEADY_MS = 300_000;
// The first retry after a refusal comes sooner: the stream may have started a moment before.
const FIRST_RETURN_MS = 5_000;
const MARGIN_SECONDS = 0.3;
const MARGIN_MAX_SECONDS = 1.5;
const MARGIN_FOR_MS = 90_000;

/** Chooses the mode. Methods that report trouble return whether the next mode has to take over. */
export class ModeSelector {
  mode: DeliveryMode = "plain";
  /** Why a better mode is not played, in words. */
  why = "";
  /** The modes of the stream, the best first. */
  private modes: readonly DeliveryMode[] = ["plain"];
  private returnMs = RETURN_MS;
  private interruptions: number[] = [];
  private failingSince: number | null = null;
  private isNew = false;
  private answeredSince: number | null = null;
  private returnAt = 0; // when a better mode may be tried again

  /**
   * Tries the best mode: a stream begins or continues. `modes`: what the channel offers, the best first. `isNew`: the
   * stream begins, or its publisher is back, at this moment.
   */
  begin({ modes = this.modes, isNew = false }: { modes?: readonly DeliveryMode[]; isNew?: boolean } = {}) {
    this.enter(modes[0], { modes, isNew });
  }

  /** Records that the mode delivered something new. */
  answered(now: number) {
    this.failingSince = null;
    this.answeredSince ??= now;
  }

  /** Records that the server sent something else to play, because it has no low latency of this stream. */
  refused(now: number): boolean {
    this.failingSince ??= now;
    if (this.answeredSince !== null) return this.fallBack(now);
    if (this.isNew && now - this.failingSince < NOT_YET_MS) return false;
    return this.fallBack(now, "this stream has no low-latency video right now", true);
  }

  /** Records that a playlist or part did not load, that no frame arrived, or (`isClosed`) that the websocket was closed. */
  failed(now: number, { isClosed = false } = {}): boolean {
    const { mode } = this;
    this.failingSince ??= now;
    if (this.answeredSince !== null) return now - this.failingSince >= GONE_MS[mode] && this.fallBack(now);
    // The server accepts the websocket of a stream that has just begun, and sends nothing until the first keyframe.
    const patience = mode === "realtime" && (isClosed || !this.isNew) ? BLOCKED_MS : NOT_YET_MS;
    if (now - this.failingSince < patience) return false;
    return this.fallBack(now, undefined, mode === "realtime");
  }

  /** Records that playback was interrupted: by a stall, or by a decoding error. */
  interrupted(now: number, why?: string): boolean {
    const most = INTERRUPTIONS_MAX[this.mode];
    this.interruptions = within([...this.interruptions, now], now, MARGIN_FOR_MS);
    if (this.mode !== this.modes[0]) this.postponeReturn(now);
    const isOften = within(this.interruptions, now, WITHIN_MS).length >= most;
    return isOften && this.fallBack(now, why ?? `${most} stalls within ${WITHIN_MS / 1000} s`);
  }

  /** Returns the mode above the current one, if the current one has played long enough to try it again. */
  returnsTo(now: number): DeliveryMode | undefined {
    return now >= this.returnAt ? this.modes[this.modes.indexOf(this.mode) - 1] : undefined;
  }

  /** Returns to the mode above, which answers again. The next return waits twice as long. */
  comeBack() {
    this.enter(this.modes[this.modes.indexOf(this.mode) - 1] ?? this.mode);
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

  /** Changes to the next mode, after the server may have refused this one; returns whether there is a next one. */
  fallBack(now: number, why = `the ${NAMES[this.mode]} video stopped answering`, isRefused = false): boolean {
    const { answeredSince, interruptions, mode, modes } = this;
    const next = modes[modes.indexOf(mode) + 1];
    if (!next) return false;
    if (answeredSince !== null && now - answeredSince >= STEADY_MS) this.returnMs = RETURN_MS;
    this.enter(next);
    this.why = why;
    this.returnAt = now + (isRefused && this.returnMs === RETURN_MS ? FIRST_RETURN_MS : this.returnMs);
    // Stalls in real time say nothing about low latency, which is further from the live edge.
    if (mode !== "realtime") this.interruptions = interruptions;
    return true;
  }

  private enter(mode: DeliveryMode, { modes = this.modes, isNew = this.isNew } = {}) {
    const { returnMs } = this;
    Object.assign(this, new ModeSelector(), { mode, modes, isNew, returnMs });
  }
}

function within(times: number[], now: number, ms: number): number[] {
  return times.filter((time) => now - time <= ms);
}
