// The suggestions of the message box while the viewer types: commands, names, emotes and emoji.

import { matchSorter, rankings } from "match-sorter";
import type { CommandView } from "../generated.ts";
import { type Emoji, type Emotes, sameName } from "./message_text.ts";

/** The word that is being typed. It extends from `from` to the caret. */
export type Token = { kind: string; word: string; command?: string; from: number };

/** `value` replaces the token. `isExact` is true if the viewer has typed all of it. */
export type Suggestion = {
  value: string;
  label: string;
  hint?: string;
  isExact?: boolean;
  picture?: string;
  symbol?: string;
};

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
  if (kind === "command")
    return matching(commands, word, ({ name }) => name).map(({ name, usage, help }) => ({
      value: `/${name} `,
      label: usage,
      hint: help,
      isExact: sameName(name, word),
    }));
  if (kind === "picture") {
    const own = matching([...emotes.values()], word, ({ name }) => name).map(({ name, url }) => ({
      value: `:${name}: `,
      label: `:${name}:`,
      picture: url,
    }));
    const known = matching([...emoji], word, ([code]) => code).map(([code, symbol]) => ({
      value: `${symbol} `,
      label: `:${code}:`,
      symbol,
    }));
    return [...own, ...known].slice(0, SHOWN_MAX);
  }
  if (kind === "argument" && !(word && commandIn(`/${command}`, commands)?.takes_name)) return [];
  return matching(names, word, (name) => name)
    .slice(0, SHOWN_MAX)
    .map((name) => ({ value: `${kind === "name" ? "@" : ""}${name} `, label: name, isExact: sameName(name, word) }));
}

/** The command in `text`, if its name is complete. */
export function commandIn(text: string, commands: readonly CommandView[]): CommandView | undefined {
  const typed = /^\/([a-z]+)(?:\s|$)/i.exec(text)?.[1];
  return commands.find(({ name }) => sameName(name, typed));
}

/** The items whose name contains `word`; names that begin with it come first. */
export function matching<Item>(items: readonly Item[], word: string, nameOf: (item: Item) => string): Item[] {
  return matchSorter(items, word, { keys: [nameOf], threshold: rankings.CONTAINS });
}
