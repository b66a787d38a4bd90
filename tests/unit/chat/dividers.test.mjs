// Where a chat says that another day or another stream begins.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withDividers } from "../../../streaming_app/components/chat/dividers.ts";

const now = new Date(2026, 10, 28, 21, 0);
const line = (id, ...when) => ({ id, text: id, at: new Date(2026, ...when).toISOString() });
const shown = (lines, startedAt = "") => withDividers(lines, startedAt, now, "en").map(({ id, words }) => (words ? `-- ${words.replace("\u202f", " ")}` : id));
const at = (...when) => new Date(2026, ...when).toISOString();

test("messages of today without a stream have no divider", () => {
  const lines = [line("a", 10, 28, 9), line("b", 10, 28, 20)];

  assert.equal(withDividers(lines, "", now, "en"), lines);
});

test("each other day has one divider, and today too after an older day", () => {
  const lines = [line("a", 10, 26, 9), line("b", 10, 26, 23, 59), line("c", 10, 27, 0, 1), line("d", 10, 28, 20)];

  assert.deepEqual(shown(lines), ["-- Thu, Nov 26", "a", "b", "-- Fri, Nov 27", "c", "-- Today", "d"]);
});

test("messages from before the live stream are separated", () => {
  const lines = [line("a", 10, 27, 20), line("b", 10, 28, 20, 16)];

  assert.deepEqual(shown(lines, at(10, 28, 20, 15)), ["-- Before this stream · Fri, Nov 27", "a", "-- Today · Stream started 8:15 PM", "b"]);
});

test("a stream without messages starts below the earlier messages", () => {
  assert.deepEqual(shown([line("a", 10, 28, 9)], at(10, 28, 20, 15)), ["-- Before this stream", "a", "-- Stream started 8:15 PM"]);
});

test("messages of one stream have no divider", () => {
  assert.deepEqual(shown([line("a", 10, 28, 20, 16)], at(10, 28, 20, 15)), ["a"]);
});

test("messages out of order repeat no divider, and gaps have no time", () => {
  const lines = [{ id: "gap-1", gap: true }, line("a", 10, 27, 20), line("b", 10, 28, 20, 16), line("c", 10, 27, 21), line("d", 10, 28, 20, 17)];

  assert.deepEqual(shown(lines, at(10, 28, 20, 15)), ["gap-1", "-- Before this stream · Fri, Nov 27", "a", "-- Today · Stream started 8:15 PM", "b", "c", "d"]);
});

test("a divider of another year contains the year", () => {
  assert.deepEqual(shown([{ id: "a", at: new Date(2025, 11, 31, 9).toISOString() }]), ["-- Wed, Dec 31, 2025", "a"]);
});
