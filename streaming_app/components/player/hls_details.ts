// Reads errors and playlist details of hls.js.

import type { ErrorData, LevelDetails } from "hls.js";
import { Hls } from "hls-video-element";

export const NOT_FOUND = 404;

/** Returns whether the server answers, but has nothing to play. */
export function isRefusal({ details, response }: ErrorData): boolean {
  return details === Hls.ErrorDetails.MANIFEST_LOAD_ERROR && response?.code === NOT_FOUND;
}

/** Returns the discontinuity number of the newest segment: each publisher begins another. */
export function newestIn({ fragmentHint, fragments }: LevelDetails): number | undefined {
  return (fragmentHint ?? fragments.at(-1))?.cc;
}
