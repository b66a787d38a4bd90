// What becomes of a message's text on the screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hueOf, isLarge, partsOf } from "../../../streaming_app/components/chat/message_text.ts";

const WAVE = { name: "wave", url: "/emotes/1" };
const pictures = { emotes: new Map([["wave", WAVE]]), emojiOf: (name) => (name === "tada" ? "🎉" : undefined) };
const kinds = (text) => partsOf(text, pictures).map(({ kind, text: written }) => [kind, written]);

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
  assert.deepEqual(kinds("[https://a.test/?b[]=1]..."), [["text", "["], ["link", "https://a.test/?b[]=1"], ["text", "]..."]]);
});

test("a mention is a name after an at sign that follows a space or the start", () => {
  assert.deepEqual(kinds("hi @ada-l, and x@ben.test"), [["text", "hi "], ["mention", "@ada-l"], ["text", ", and x@ben.test"]]);
});

test("mentions are found in any case", () => {
  const isMentioned = (name) => partsOf("@Ada hi", pictures, name).some(({ me }) => me);

  assert.ok(isMentioned("ada"));
  assert.ok(!isMentioned("ben"));
  assert.ok(!isMentioned(""));
});

test("emotes take precedence over emoji, and other codes stay text", () => {
  assert.deepEqual(kinds("a:wave:b :tada: :nope:"), [
    ["text", "a"], ["emote", ":wave:"], ["text", "b "], ["emoji", ":tada:"], ["text", " :nope:"],
  ]);
  assert.deepEqual(kinds(":WAVE:"), [["emote", ":WAVE:"]]);
  assert.deepEqual(kinds("::wave:wave:"), [["text", ":"], ["emote", ":wave:"], ["text", "wave:"]]);
  assert.deepEqual(kinds("10:30:wave:"), [["text", "10:30"], ["emote", ":wave:"]]);
});

test("only names that no emote has are looked up as emoji", () => {
  const asked = [];

  partsOf("hm :tada: :wave: 10:30:40", { ...pictures, emojiOf: (name) => void asked.push(name) });

  assert.deepEqual(asked, ["tada", "30"]);
});

test("a message of only a few emotes or emoji is large", () => {
  for (const text of ["🎉", "👍🏽 ❤️ 👩‍👩‍👧", ":wave: :tada:", "🇩🇪🇫🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]) assert.ok(isLarge(partsOf(text, pictures)), text);
  for (const text of ["hi 🎉", "123", "#", "", "  ", "🎉".repeat(9)]) assert.ok(!isLarge(partsOf(text, pictures)), text);
});

test("a hue is the same as on the server", () => {
  assert.equal(hueOf("Mara"), 248);
});
