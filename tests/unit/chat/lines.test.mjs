// The list of messages in the browser, as frames change it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { append, compareCursors, latest, remove, restore, trimmed } from "../../../streaming_app/components/feed/feed_lines.ts";

const line = (cursor, name = "ada", more = {}) => ({ id: `m${cursor}`, cursor, name, text: `text ${cursor}`, at: "", ...more });
const said = (lines) => lines.map(({ id, text }) => text ?? `(${id})`);

test("cursors are compared as large numbers", () => {
  assert.equal(compareCursors("1876549632000000002", "1876549632000000001"), 1);
  assert.equal(compareCursors("10", "9"), 1);
  assert.equal(compareCursors("9", "10"), -1);
  assert.equal(compareCursors("9", "9"), 0);
  assert.equal(latest("9", [line("10"), line("8")]), "10");
});

test("a message is shown once", () => {
  const lines = append([line("1"), line("2")], [line("2"), line("3"), line("3")]);

  assert.deepEqual(said(lines), ["text 1", "text 2", "text 3"]);
});

test("without new messages the list is the same object", () => {
  const lines = [line("1")];

  assert.equal(append(lines, [line("1")]), lines);
  assert.equal(trimmed(lines, 5), lines);
});

test("the oldest messages are removed above the limit", () => {
  assert.deepEqual(said(trimmed([line("1"), line("2"), line("3")], 2)), ["text 2", "text 3"]);
});

test("a deleted line keeps its position and loses its text", () => {
  const [gone, kept] = remove([line("1"), line("2")], { ids: ["m1"] });

  assert.ok(gone.deleted);
  assert.ok(!("text" in gone));
  assert.equal(kept.text, "text 2");
});

test("deleting all messages of a chatter keeps later ones and those of others", () => {
  const lines = remove([line("9"), line("10", "ben"), line("11"), line("12")], { name: "ada", until: "11" });

  assert.deepEqual(said(lines), ["(m9)", "text 10", "(m11)", "text 12"]);
});

test("quotes of deleted messages lose their text, even without the original in the list", () => {
  const reply = { id: "m1", name: "ada", text: "text 1" };
  const lines = [line("5", "ben", { reply })];

  assert.equal(remove(lines, { ids: ["m1"] })[0].reply.text, null);
  assert.equal(remove(lines, { name: "ada", until: "4" })[0].reply.text, null);
  assert.equal(remove(lines, { name: "ben", until: "4" })[0].reply.text, "text 1");
});

test("restored messages return to their positions, and their quotes too", () => {
  const reply = { id: "m2", name: "ada", text: "text 2" };
  const before = [line("1"), line("2"), line("3", "ben", { reply })];

  const lines = restore(remove(before, { ids: ["m2"] }), [line("2")]);

  assert.deepEqual(lines, before);
});

test("unknown restored messages are inserted by cursor, unless they are older than the list", () => {
  const lines = restore([line("5"), line("9"), line("11")], [line("4"), line("10"), line("12")]);

  assert.deepEqual(said(lines), ["text 5", "text 9", "text 10", "text 11", "text 12"]);
});
