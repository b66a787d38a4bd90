// Delays between attempts to load a stream.

/** Waits before each attempt: twice as long after each failure, with some variation so that clients spread out. */
export class RetryTimer {
  failures = 0; // number of failures in sequence; the owner resets it after a success
  private timer: ReturnType<typeof setTimeout> | undefined;

  get isWaiting(): boolean {
    return this.timer !== undefined;
  }

  /** Calls `attempt` after a delay, which is `firstMs` for the first failure and never more than `longestMs`. */
  start(firstMs: number, longestMs: number, attempt: () => void) {
    this.cancel();
    const delayMs = Math.min(longestMs, firstMs * 2 ** this.failures++) * (0.5 + Math.random() / 2);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      attempt();
    }, delayMs);
  }

  cancel() {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
