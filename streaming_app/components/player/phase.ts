// What a live player is doing, as its cover shows it.

/**
 * `idle`: nothing to play. `stalled`: until the publisher is back. `empty`: the stream is live but has no picture yet.
 * `trouble`: the video does not load.
 */
export type Phase = "idle" | "loading" | "playing" | "stalled" | "empty" | "trouble";
