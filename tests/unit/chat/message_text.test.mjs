// What becomes of a message's text on the screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hueOf, mentions, partsOf } from "../../../streaming_app/components/chat/message_text.ts";

const WAVE = { name: "wave", url: "/emotes/1" };
const pictures = { emotes: new Map([["wave", WAVE]]), emojiOf: (name) => (name === "tada" ? "🎉" : undefined) };
const kinds = (text) => partsOf(text, pictures).parts.map(({ kind, text: written }) => [kind, written]);

test("plain text is one part", () => {
  assert.deepEqual(kinds("<b>hi</b> & bye: 10:30"), [["text", "<b>hi</b> & bye: 10:30"]]);
  assert.deepEqual(kinds(""), []);
});

test("only http and https become links", () => {
  assert.deepEqual(kinds("see https://a.test/x?y=1#z"), [["text", "see "], ["link", "https://a.test/x?y=1#z"]]);
  for (const text of ["javascript:alert(1)", "data:text/html,x", "ftp://a.test", "www.a.test", "https://", "http://[x"]) {
    assert.deepEqual(kinds(text), [["text", text]]);
  }
});

test("a link with a misleading host stays text", () => {
  assert.deepEqual(kinds("https://bank.test@evil.test"), [["text", "https://bank.test@evil.test"]]);
});

test("punctuation after a link is not part of it, its own brackets are", () => {
  assert.deepEqual(kinds("(https://a.test/b)."), [["text", "("], ["link", "https://a.test/b"], ["text", ")."]]);
  assert.deepEqual(kinds("https://a.test/b_(c)!"), [["link", "https://a.test/b_(c)"], ["text", "!"]]);
});

test("a mention is a name after an at sign that follows a space or the start", () => {
  assert.deepEqual(kinds("hi @ada-l, and x@ben.test"), [["text", "hi "], ["mention", "@ada-l"], ["text", ", and x@ben.test"]]);
});

test("mentions are found in any case", () => {
  const { parts } = partsOf("@Ada hi", pictures);

  assert.ok(mentions(parts, "ada"));
  assert.ok(!mentions(parts, "ben"));
  assert.ok(!mentions(parts, ""));
});

test("emotes take precedence over emoji, and other codes stay text", () => {
  assert.deepEqual(kinds("a:wave:b :tada: :nope:"), [
    ["text", "a"], ["emote", ":wave:"], ["text", "b "], ["emoji", ":tada:"], ["text", " :nope:"],
  ]);
  assert.deepEqual(kinds(":WAVE:"), [["emote", ":WAVE:"]]);
  assert.deepEqual(kinds("::wave:wave:"), [["text", ":"], ["emote", ":wave:"], ["text", "wave:"]]);
});

test("only names that no emote has are looked up as emoji", () => {
  const asked = [];

  partsOf("hm :tada: :wave: 10:30:40", { ...pictures, emojiOf: (name) => void asked.push(name) });

  assert.deepEqual(asked, ["tada", "30"]);
});

test("a message of only a few emotes or emoji is large", () => {
  for (const text of ["🎉", "👍🏽 ❤️ 👩‍👩‍👧", ":wave: :tada:", "🇩🇪🇫🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]) assert.ok(partsOf(text, pictures).isLarge, text);
  for (const text of ["hi 🎉", "123", "#", "", "  ", "🎉".repeat(9)]) assert.ok(!partsOf(text, pictures).isLarge, text);
});

test("a hue is the same as on the server", () => {
  assert.equal(hueOf("Mara"), 248);
});
