// How long the feed waits before it connects again.

const FIRST_MS = 500;
const DURING_RESTART_MS = 2000;
const LONGEST_MS = 15000;
const RESTART_MS = 30000; // a restart of the site takes some seconds, and chat should be back soon after it

/** Returns the longest wait before attempt `attempt` (from 0), `lostForMs` after the connection was lost, in ms. */
export function longestWait(attempt: number, lostForMs: number): number {
  return Math.min(lostForMs < RESTART_MS ? DURING_RESTART_MS : LONGEST_MS, FIRST_MS * 2 ** attempt);
}
