// How long the feed waits before it connects again.

const DURING_RESTART_MS = 2000;
const LONGEST_MS = 15000;
const RESTART_MS = 30000; // a restart of the site takes some seconds, and chat should be back soon after it

/** Returns the longest delay in ms, `lostForMs` after the connection was lost. */
export function longestDelay(lostForMs: number): number {
  return lostForMs < RESTART_MS ? DURING_RESTART_MS : LONGEST_MS;
}
