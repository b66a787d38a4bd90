// The phases of a live player, which select its cover.

/**
 * `idle`: nothing to play. `stalled`: until the publisher is back. `empty`: the stream is live but has no picture yet.
 * `trouble`: the video does not load.
 */
export type Phase = "idle" | "loading" | "playing" | "stalled" | "empty" | "trouble";
