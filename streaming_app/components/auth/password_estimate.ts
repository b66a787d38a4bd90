// Estimates how hard a password is to guess, with zxcvbn-ts. Loaded when somebody types a new password.

import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

const CHARACTERS_MAX = 100; // the time grows with the square of the length
const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });

/** A score from 0 (guessed at once) to 4 (very hard to guess). Words in `known`, such as a username, are easy. */
export function estimate(password: string, known: string[]): number {
  return estimator.check(password.slice(0, CHARACTERS_MAX), known).score;
}
