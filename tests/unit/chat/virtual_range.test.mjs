// Which lines of a long list are drawn.

import assert from "node:assert/strict";
import { test } from "node:test";
import { heightOfAll, tailRange, visibleRange } from "../../../streaming_app/components/chat/virtual_range.ts";

const lines = [10, 20, 30, 40, 50];
const heightOf = (line) => line;

test("the end of the list is as many lines as fill the room", () => {
  assert.deepEqual(tailRange(lines, heightOf, 60), { first: 3, end: 5, above: 60, below: 0 });
  assert.deepEqual(tailRange(lines, heightOf, 1000), { first: 0, end: 5, above: 0, below: 0 });
  assert.deepEqual(tailRange([], heightOf, 60), { first: 0, end: 0, above: 0, below: 0 });
});

test("a stretch in the middle has what is cut by its edges, and heights for the rest", () => {
  assert.deepEqual(visibleRange(lines, heightOf, 15, 65), { first: 1, end: 4, above: 10, below: 50 });
  assert.deepEqual(visibleRange(lines, heightOf, -50, 5), { first: 0, end: 1, above: 0, below: 140 });
});

test("beyond the end there is still the last line", () => {
  assert.deepEqual(visibleRange(lines, heightOf, 900, 1000), { first: 4, end: 5, above: 100, below: 0 });
});

test("a line begins where those before it end", () => {
  assert.equal(heightOfAll(lines.slice(0, 2), heightOf), 30);
});
