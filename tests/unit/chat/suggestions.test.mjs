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

test("a slash at the beginning offers commands, and nowhere else", () => {
  assert.deepEqual(offered("/"), ["/ban ", "/slow ", "/unban "]);
  assert.deepEqual(offered("/un"), ["/unban "]);
  assert.deepEqual(offered("see /un"), []);
});

test("names that begin so come first", () => {
  assert.deepEqual(offered("hi @ad"), ["@Ada ", "@Adalbert ", "@x-ada "]);
  assert.deepEqual(offered("mail me: x@ad"), []);
});

test("the first word behind a command may be a name, with or without its sign", () => {
  assert.deepEqual(offered("/ban ben"), ["ben "]);
  assert.deepEqual(offered("/ban @ben").map((value) => value.trim()), ["@ben"]);
  assert.deepEqual(offered("/ban ben becau"), []);
});

test("no name is put in the place of what a command takes instead, and Enter sends that", () => {
  assert.deepEqual(offered("/slow be"), []);
  assert.deepEqual(offered("/nonsense be"), []);
});

test("two letters behind a colon offer the channel's emotes, then emoji", () => {
  assert.deepEqual(offered(":smi"), [":smiley_cat: ", "😄 ", "😃 ", "😅 "]);
  assert.deepEqual(offered(":s"), []);
  assert.deepEqual(offered("10:smi"), []);
});

test("what stands around the caret stays", () => {
  assert.deepEqual(tokenAt("hi @ad and more", 6), { kind: "name", word: "ad", from: 3 });
});

test("what is typed in full is told apart, so that Enter sends it", () => {
  assert.ok(suggestionsFor(tokenAt("/ban", 4), known)[0].isExact);
  assert.ok(suggestionsFor(tokenAt("@ada", 4), known)[0].isExact);
  assert.ok(!suggestionsFor(tokenAt("@ad", 3), known)[0].isExact);
});

test("a command is known once its name is whole", () => {
  assert.equal(commandIn("/ban ben", known.commands).name, "ban");
  assert.equal(commandIn("/bann", known.commands), undefined);
  assert.equal(commandIn("hi /ban", known.commands), undefined);
});
