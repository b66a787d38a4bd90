// The suggestions of the message box while the viewer types: commands, names, emotes and emoji.

import { matchSorter, rankings } from "match-sorter";
import type { CommandView } from "../generated.ts";
import { type Emoji, type Emote, type Emotes, sameName } from "./message_text.ts";

/** The word that is being typed. It extends from `from` to the caret. */
export type Token = { kind: string; word: string; command?: string; from: number };

/** `value` replaces the token. `isExact`: the viewer has typed all of it. `Suggestion` of compose_box.py has the other fields. */
export type Suggestion = { name: string; value: string; label: string; isExact?: boolean };

type Vocabulary = { commands: readonly CommandView[]; names: string[]; emotes: Emotes; emoji: Emoji };

const SHOWN_MAX = 8;
const TOKENS = [
  ["command", /^\/(?<word>[a-z]*)$/i],
  ["name", /(?:^|[\s(])@(?<word>[\w-]{0,25})$/],
  ["argument", /^\/(?<command>[a-z]+) +@?(?<word>[\w-]{0,25})$/i],
  ["picture", /(?:^|[\s(]|:):(?<word>[a-z0-9_+-]{2,64})$/i],
] as const;

/** The token before the caret, or null. */
export function tokenAt(text: string, caret: number): Token | null {
  for (const [kind, pattern] of TOKENS) {
    const found = pattern.exec(text.slice(0, caret))?.groups as { word: string; command?: string } | undefined;
    if (found) return { kind, ...found, from: caret - found.word.length - (kind === "argument" ? 0 : 1) };
  }
  return null;
}

/** The suggestions for a token, best first. */
export function suggestionsFor(token: Token | null, { commands, names, emotes, emoji }: Vocabulary): Suggestion[] {
  if (!token) return [];
  const { kind, word, command } = token;
  const withIsExact = (suggestion: Suggestion) => ({ ...suggestion, isExact: sameName(suggestion.name, word) });
  if (kind === "command") return matching(commands.map(ofCommand), word).map(withIsExact);
  if (kind === "picture") {
    const own = matching([...emotes.values()].map(ofEmote), word);
    return [...own, ...matching([...emoji].map(ofEmoji), word)].slice(0, SHOWN_MAX);
  }
  if (kind === "argument" && !(word && commandIn(`/${command}`, commands)?.takes_name)) return [];
  const ofName = (name: string) => ({ name, value: `${kind === "name" ? "@" : ""}${name} `, label: name });
  return matching(names.map(ofName), word).slice(0, SHOWN_MAX).map(withIsExact);
}

const ofCommand = ({ name, usage, help }: CommandView) => ({ name, value: `/${name} `, label: usage, hint: help });
const ofEmote = ({ name, url }: Emote) => ({ name, value: `:${name}: `, label: `:${name}:`, picture: url });
const ofEmoji = ([name, symbol]: [string, string]) => ({ name, value: `${symbol} `, label: `:${name}:`, symbol });

/** The command in `text`, if its name is complete. */
export function commandIn(text: string, commands: readonly CommandView[]): CommandView | undefined {
  const typed = /^\/([a-z]+)(?:\s|$)/i.exec(text)?.[1];
  return commands.find(({ name }) => sameName(name, typed));
}

/** The items whose name contains `word`; names that begin with it come first. */
export function matching<Item extends { name: string }>(items: readonly Item[], word: string): Item[] {
  return matchSorter(items, word, { keys: ["name"], threshold: rankings.CONTAINS });
}
