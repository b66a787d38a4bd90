// Finds where some milliseconds of sound can be skipped or repeated unnoticed: where the sound resembles itself.

const SHORTEST_SECONDS = 0.005;
const LONGEST_SECONDS = 0.015;
const COMPARED_SECONDS = 0.01;
const STEP = 4; // compares every fourth sample
const CLEARLY = 0.01; // a shorter lag has to be this much better, because it needs more splices

/**
 * Returns the number of samples (5 to 15 ms) to move from `position`, so that the sound continues similarly.
 * `direction`: 1 skips sound, -1 repeats it. `ahead`: the samples after `position`; 0 is returned if they are too few.
 */
export function bestLag(ring: Float32Array, position: number, ahead: number, direction: number, rate: number): number {
  const compared = Math.round(COMPARED_SECONDS * rate);
  const longest = Math.min(Math.round(LONGEST_SECONDS * rate), direction > 0 ? ahead - compared : Infinity);
  if (ahead < compared || longest < SHORTEST_SECONDS * rate) return 0;
  let best = 0;
  let most = -Infinity;
  for (let lag = longest; lag >= SHORTEST_SECONDS * rate; lag--) {
    const like = resemblance(ring, position, position + direction * lag, compared);
    if (like > most + CLEARLY) {
      most = like;
      best = lag;
    }
  }
  return direction * best;
}

/** Returns the correlation of two parts of the sound, from -1 to 1. 1: they differ only in volume. */
function resemblance(ring: Float32Array, first: number, second: number, length: number): number {
  const { length: size } = ring;
  let product = 0;
  let firstPower = 1e-9;
  let secondPower = 1e-9;
  for (let i = 0; i < length; i += STEP) {
    const a = ring[(first + i) % size];
    const b = ring[(second + size + i) % size];
    product += a * b;
    firstPower += a * a;
    secondPower += b * b;
  }
  return product / Math.sqrt(firstPower * secondPower);
}
