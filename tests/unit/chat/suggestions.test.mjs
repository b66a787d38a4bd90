// What the box offers while one types.

import assert from "node:assert/strict";
import { test } from "node:test";
import { commandIn, suggestionsFor, tokenAt } from "../../../streaming_app/components/chat/suggestions.ts";

const known = {
  commands: [
    { name: "ban", usage: "/ban name [reason]", help: "For good", takes_name: true },
    { name: "unban", usage: "/unban name", help: "", takes_name: true },
    { name: "slow", usage: "/slow seconds|off", help: "", takes_name: false },
  ],
  names: ["Ada", "ben", "Adalbert", "x-ada"],
  emotes: new Map([["smiley_cat", { name: "smiley_cat", url: "/e/1" }]]),
  emoji: new Map([["smile", "😄"], ["smiley", "😃"], ["sweat_smile", "😅"]]),
};
const offered = (text) => suggestionsFor(tokenAt(text, text.length), known).map(({ value }) => value);

test("a slash suggests commands only at the beginning", () => {
  assert.deepEqual(offered("/"), ["/ban ", "/slow ", "/unban "]);
  assert.deepEqual(offered("/un"), ["/unban "]);
  assert.deepEqual(offered("see /un"), []);
});

test("names with the typed beginning come first", () => {
  assert.deepEqual(offered("hi @ad"), ["@Ada ", "@Adalbert ", "@x-ada "]);
  assert.deepEqual(offered("mail me: x@ad"), []);
});

test("the first word after a command may be a name, with or without @", () => {
  assert.deepEqual(offered("/ban ben"), ["ben "]);
  assert.deepEqual(offered("/ban @ben").map((value) => value.trim()), ["@ben"]);
  assert.deepEqual(offered("/ban ben becau"), []);
});

test("a name is not suggested for another argument, and Enter sends the command", () => {
  assert.deepEqual(offered("/slow be"), []);
  assert.deepEqual(offered("/nonsense be"), []);
});

test("two letters after a colon suggest the channel's emotes, then emoji", () => {
  assert.deepEqual(offered(":smi"), [":smiley_cat: ", "😄 ", "😃 ", "😅 "]);
  assert.deepEqual(offered(":s"), []);
  assert.deepEqual(offered("10:smi"), []);
});

test("the text around the caret is kept", () => {
  assert.deepEqual(tokenAt("hi @ad and more", 6), { kind: "name", word: "ad", from: 3 });
});

test("a completely typed suggestion is detected, so that Enter sends it", () => {
  assert.ok(suggestionsFor(tokenAt("/ban", 4), known)[0].isExact);
  assert.ok(suggestionsFor(tokenAt("@ada", 4), known)[0].isExact);
  assert.ok(!suggestionsFor(tokenAt("@ad", 3), known)[0].isExact);
});

test("a command is recognised when its name is complete", () => {
  assert.equal(commandIn("/ban ben", known.commands).name, "ban");
  assert.equal(commandIn("/bann", known.commands), undefined);
  assert.equal(commandIn("hi /ban", known.commands), undefined);
});
