// Estimates how hard a password is to guess, with zxcvbn-ts. Loaded when somebody types a new password.

import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

export const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
