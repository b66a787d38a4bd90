// Delays between attempts to load a stream again.

const FIRST_DELAY_MS = 300;

/** Waits before each attempt: twice as long after each failure, with some variation so that viewers spread out. */
export class RetryTimer {
  failures = 0; // number of failures since media of the stream was loaded
  private timer = 0;

  get isWaiting(): boolean {
    return this.timer !== 0;
  }

  /** Calls `attempt` after a delay of at most `longestMs`. */
  start(longestMs: number, attempt: () => void) {
    const delayMs = Math.min(longestMs, FIRST_DELAY_MS * 2 ** this.failures++);
    this.timer = window.setTimeout(
      () => {
        this.timer = 0;
        attempt();
      },
      delayMs * (0.75 + Math.random() / 4),
    );
  }

  cancel() {
    clearTimeout(this.timer);
    this.timer = 0;
  }
}
