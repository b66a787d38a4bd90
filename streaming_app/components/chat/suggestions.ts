// The suggestions of the message box while the viewer types: commands, names, emotes and emoji.

import type { CommandView } from "../generated.ts";
import type { Emoji, Emotes } from "./message_text.ts";

/** The word that is being typed. It extends from `from` to the caret. */
export type Token = { kind: "command" | "name" | "argument" | "picture"; word: string; from: number; command?: string };

/** `value` replaces the token. `isExact` is true if the viewer has typed all of it. */
export type Suggestion = {
  value: string;
  label: string;
  hint?: string;
  isExact?: boolean;
  picture?: string;
  symbol?: string;
};

/** `names` are usernames, the most likely ones first. */
export type Vocabulary = { commands: readonly CommandView[]; names: string[]; emotes: Emotes; emoji: Emoji };

const SHOWN_MAX = 8;
const COMMAND = /^\/([a-z]*)$/i;
const NAME = /(?:^|[\s(])@([\w-]{0,25})$/;
const ARGUMENT = /^\/([a-z]+) +@?([\w-]{0,25})$/i;
const PICTURE = /(?:^|[\s(]|:)(:([a-z0-9_+-]{2,64}))$/i;

/** The token before the caret, or null. */
export function tokenAt(text: string, caret: number): Token | null {
  const before = text.slice(0, caret);
  const [, command] = COMMAND.exec(before) ?? [];
  if (command !== undefined) return { kind: "command", word: command, from: 0 };
  const [, name] = NAME.exec(before) ?? [];
  if (name !== undefined) return { kind: "name", word: name, from: caret - name.length - 1 };
  const [, verb, argument] = ARGUMENT.exec(before) ?? [];
  if (verb && argument !== undefined)
    return { kind: "argument", command: verb.toLowerCase(), word: argument, from: caret - argument.length };
  const [, code, picture] = PICTURE.exec(before) ?? [];
  return code && picture ? { kind: "picture", word: picture, from: caret - code.length } : null;
}

/** The suggestions for a token, best first. */
export function suggestionsFor(token: Token | null, { commands, names, emotes, emoji }: Vocabulary): Suggestion[] {
  if (!token) return [];
  const { kind, command } = token;
  const word = token.word.toLowerCase();
  if (kind === "command")
    return best(commands, word, ({ name }) => name, commands.length).map(({ name, usage, help }) => ({
      value: `/${name} `,
      label: usage || `/${name}`,
      hint: help,
      isExact: name === word,
    }));
  if (kind === "picture") {
    const own = best([...emotes.values()], word, ({ name }) => name).map(({ name, url }) => ({
      value: `:${name}: `,
      label: `:${name}:`,
      picture: url,
    }));
    const known = best([...(emoji ?? [])], word, ([code]) => code).map(([code, symbol]) => ({
      value: `${symbol} `,
      label: `:${code}:`,
      symbol,
    }));
    return [...own, ...known].slice(0, SHOWN_MAX);
  }
  const takesName = commands.some(({ name, takes_name }) => takes_name && name === command);
  if (kind === "argument" && !(word && takesName)) return [];
  const mark = kind === "name" ? "@" : "";
  return best(names, word, (name) => name).map((name) => ({
    value: `${mark}${name} `,
    label: name,
    isExact: name.toLowerCase() === word,
  }));
}

/** The command in `text`, if its name is complete. */
export function commandIn(text: string, commands: readonly CommandView[]): CommandView | undefined {
  const typed = /^\/([a-z]+)(?:\s|$)/i.exec(text)?.[1]?.toLowerCase();
  return commands.find(({ name }) => name === typed);
}

/** The items whose name contains `word`. First names that begin with it, then names with a part that does. */
function best<Item>(items: readonly Item[], word: string, nameOf: (item: Item) => string, most = SHOWN_MAX): Item[] {
  const ranked = items.flatMap((item) => {
    const name = nameOf(item).toLowerCase();
    const at = name.indexOf(word);
    return at < 0 ? [] : [{ item, name, rank: at === 0 ? 0 : /[_-]/.test(name.charAt(at - 1)) ? 1 : 2 }];
  });
  ranked.sort((a, b) => a.rank - b.rank || (word ? a.name.length - b.name.length : 0) || (a.name < b.name ? -1 : 1));
  return ranked.slice(0, most).map(({ item }) => item);
}
