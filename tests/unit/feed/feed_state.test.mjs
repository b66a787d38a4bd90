// The state of a feed, as each type of frame changes it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LINES_MAX } from "../../../streaming_app/components/feed/feed_lines.ts";
import { changes, EMPTY } from "../../../streaming_app/components/feed/feed_state.ts";

const STREAM = { state: "live", stream_id: "s1", title: "Chess" };
const RULES = { slow_seconds: 5 };
const CHANNEL = { ...STREAM, viewers: 3, rules: RULES, pinned: null };

const message = (cursor, name = "ada") => ({ id: `m${cursor}`, cursor, name, text: `text ${cursor}`, at: "", role: "viewer" });
const messages = (...cursors) => ({ type: "messages", messages: cursors.map((cursor) => message(cursor)) });
const welcome = (more = {}) => ({ type: "welcome", channel: CHANNEL, resumed: false, messages: [], ...more });
const after = (...frames) => frames.reduce((known, frame) => ({ ...known, ...changes(known, frame) }), EMPTY);
const texts = (snapshot) => snapshot.messages.map(({ id, text }) => text ?? `(${id})`);

test("the first welcome sets the stream, the viewers, the rules and the messages", () => {
  const { stream, viewers, rules, pinned, cursor, arrived, ...snapshot } = after(welcome({ messages: [message("7")] }));

  assert.deepEqual({ stream, viewers, rules, pinned, cursor }, { stream: STREAM, viewers: 3, rules: RULES, pinned: null, cursor: "7" });
  assert.deepEqual(texts(snapshot), ["text 7"]);
  assert.equal(arrived, 0); // only messages after the first welcome are new to the viewer
});

test("the first welcome makes pages that have just loaded their data load nothing again, a later one does", () => {
  const news = ({ emotesNews, moderationNews, studioNews }) => [emotesNews, moderationNews, studioNews];

  assert.deepEqual(news(after(welcome())), [1, 0, 0]);
  assert.deepEqual(news(after(welcome(), welcome())), [2, 1, 1]);
});

test("a welcome that resumes keeps the messages except those that were deleted in the meantime", () => {
  const resumed = welcome({ resumed: true, deleted: ["m1"], messages: [message("3")] });

  const snapshot = after(welcome(), messages("1", "2"), resumed);

  assert.deepEqual(texts(snapshot), ["(m1)", "text 2", "text 3"]);
  assert.deepEqual([snapshot.cursor, snapshot.arrived], ["3", 3]);
});

test("a welcome that does not resume replaces the messages and the cursor", () => {
  const snapshot = after(welcome(), messages("8", "9"), welcome({ messages: [message("4")] }));

  assert.deepEqual(texts(snapshot), ["text 4"]);
  assert.equal(snapshot.cursor, "4");
});

test("the catalog's welcome and later frames set the digest", () => {
  assert.equal(after({ type: "welcome", digest: "a" }).digest, "a");
  assert.equal(after({ type: "welcome", digest: "a" }, { type: "catalog", digest: "b" }).digest, "b");
});

test("messages are appended, counted and never repeated", () => {
  const snapshot = after(welcome(), messages("1", "2"), messages("2", "3"));

  assert.deepEqual(texts(snapshot), ["text 1", "text 2", "text 3"]);
  assert.deepEqual([snapshot.arrived, snapshot.cursor], [3, "3"]);
});

test("the oldest messages are removed", () => {
  const many = messages(...Array.from({ length: LINES_MAX + 1 }, (_, index) => String(index + 1)));

  const snapshot = after(welcome(), many);

  assert.deepEqual([snapshot.messages.length, snapshot.messages[0].id], [LINES_MAX, "m2"]);
});

test("deleted messages lose their text, and restored messages get it back", () => {
  const deleted = after(welcome(), messages("1", "2"), { type: "deleted", ids: ["m1"] });
  const restored = changes(deleted, { type: "restored", messages: [message("1")] });

  assert.deepEqual(texts(deleted), ["(m1)", "text 2"]);
  assert.deepEqual(texts(restored), ["text 1", "text 2"]);
});

test("a chatter is banned until the ban is removed", () => {
  const banned = after({ type: "banned", name: "ada", until: null }, { type: "role", name: "ada", role: "viewer" });

  assert.equal(banned.chatters.ada.isBanned, true);
  assert.equal(changes(banned, { type: "unbanned", name: "ada" }).chatters.ada.isBanned, false);
});

test("changes of bans and roles are counted by username", () => {
  const banned = { type: "banned", name: "ada", until: null };
  const frames = [banned, { type: "banned", name: "ben", until: "2030" }, { type: "unbanned", name: "ada" }];

  const { chatters } = after(...frames, { type: "role", name: "cy", role: "moderator" });

  assert.deepEqual([chatters.ada.changes, chatters.ben.changes, chatters.cy.changes], [2, 1, 1]);
});

test("a gap becomes one line after the newest message, also if it is reported twice", () => {
  const snapshot = after(welcome(), messages("5"), { type: "gap" }, { type: "gap" }, messages("9"));

  assert.deepEqual(snapshot.messages.map(({ gap }) => Boolean(gap)), [false, true, false]);
});

test("notices about emotes, moderation and the studio increase their counters", () => {
  const snapshot = after({ type: "emotes" }, { type: "moderation" }, { type: "moderation" }, { type: "studio" });

  assert.deepEqual([snapshot.emotesNews, snapshot.moderationNews, snapshot.studioNews], [1, 2, 1]);
});

test("rules, the pinned message, viewers and errors replace the previous ones", () => {
  const pinned = message("1");
  const snapshot = after(
    { type: "rules", rules: RULES },
    { type: "pinned", message: pinned },
    { type: "viewers", viewers: 12 },
    { type: "error", message: "Too many connections." },
  );

  assert.deepEqual(
    [snapshot.rules, snapshot.pinned, snapshot.viewers, snapshot.error],
    [RULES, pinned, 12, "Too many connections."],
  );
});

test("a stream frame replaces the stream", () => {
  assert.deepEqual(after(welcome(), { type: "stream", state: "offline" }).stream, { state: "offline" });
});

test("a frame of an unknown type changes nothing", () => {
  assert.deepEqual(changes(EMPTY, { type: "fireworks" }), {});
});
