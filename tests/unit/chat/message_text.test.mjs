// What becomes of a message's text on the screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hueOf, mentions, partsOf } from "../../../streaming_app/components/chat/message_text.ts";

const WAVE = { name: "wave", url: "/emotes/1" };
const pictures = { emotes: new Map([["wave", WAVE]]), emoji: new Map([["tada", "🎉"]]) };
const kinds = (text) => partsOf(text, pictures).parts.map(({ kind, text: written }) => [kind, written]);

test("text without anything special is one part", () => {
  assert.deepEqual(kinds("<b>hi</b> & bye: 10:30"), [["text", "<b>hi</b> & bye: 10:30"]]);
  assert.deepEqual(kinds(""), []);
});

test("only http and https become links", () => {
  assert.deepEqual(kinds("see https://a.test/x?y=1#z"), [["text", "see "], ["link", "https://a.test/x?y=1#z"]]);
  for (const text of ["javascript:alert(1)", "data:text/html,x", "ftp://a.test", "www.a.test", "https://", "http://[x"]) {
    assert.deepEqual(kinds(text), [["text", text]]);
  }
});

test("a link that pretends to be of another host stays text", () => {
  assert.deepEqual(kinds("https://bank.test@evil.test"), [["text", "https://bank.test@evil.test"]]);
});

test("what ends a sentence is not part of a link, brackets that it opened are", () => {
  assert.deepEqual(kinds("(https://a.test/b)."), [["text", "("], ["link", "https://a.test/b"], ["text", ")."]]);
  assert.deepEqual(kinds("https://a.test/b_(c)!"), [["link", "https://a.test/b_(c)"], ["text", "!"]]);
});

test("a mention is a name behind an at sign that nothing stands before", () => {
  assert.deepEqual(kinds("hi @ada-l, and x@ben.test"), [["text", "hi "], ["mention", "@ada-l"], ["text", ", and x@ben.test"]]);
});

test("who is mentioned is found whatever the case", () => {
  const { parts } = partsOf("@Ada hi", pictures);

  assert.ok(mentions(parts, "ada"));
  assert.ok(!mentions(parts, "ben"));
  assert.ok(!mentions(parts, ""));
});

test("emotes come before emoji, and what is neither stays as it was written", () => {
  assert.deepEqual(kinds("a:wave:b :tada: :nope:"), [
    ["text", "a"], ["emote", ":wave:"], ["text", "b "], ["emoji", ":tada:"], ["text", " :nope:"],
  ]);
  assert.deepEqual(kinds(":WAVE:"), [["emote", ":WAVE:"]]);
  assert.deepEqual(kinds("::wave:wave:"), [["text", ":"], ["emote", ":wave:"], ["text", "wave:"]]);
});

test("emoji are asked for only when a message may have one", () => {
  const without = { emotes: pictures.emotes, emoji: null };

  assert.ok(partsOf("hm :tada:", without).needsEmoji);
  assert.ok(!partsOf("hm :wave:", without).needsEmoji);
});

test("a message of a few pictures and nothing else is large", () => {
  for (const text of ["🎉", "👍🏽 ❤️ 👩‍👩‍👧", ":wave: :tada:", "🇩🇪🇫🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]) assert.ok(partsOf(text, pictures).isLarge, text);
  for (const text of ["hi 🎉", "123", "#", "", "  ", "🎉".repeat(9)]) assert.ok(!partsOf(text, pictures).isLarge, text);
});

test("a hue is the one that the server gives", () => {
  assert.equal(hueOf("Mara"), 248);
});
