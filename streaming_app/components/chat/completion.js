// What the box under the chat offers while one types: commands, names, emotes and emoji.

const SHOWN_MAX = 8;
const COMMAND = /^\/([a-z]*)$/i;
const NAME = /(?:^|[\s(])@([\w-]{0,25})$/;
const ARGUMENT = /^\/([a-z]+) +@?([\w-]{0,25})$/i;
const PICTURE = /(?:^|[\s(]|:)(:([a-z0-9_+-]{2,64}))$/i;

/** What is being typed before the caret: {kind, word, from}, or null. */
export function wordAt(text, caret) {
  const before = text.slice(0, caret);
  let match = COMMAND.exec(before);
  if (match) return { kind: "command", word: match[1], from: 0 };
  match = NAME.exec(before);
  if (match) return { kind: "name", word: match[1], from: caret - match[1].length - 1 };
  match = ARGUMENT.exec(before);
  if (match) return { kind: "argument", command: match[1].toLowerCase(), word: match[2], from: caret - match[2].length };
  match = PICTURE.exec(before);
  return match ? { kind: "picture", word: match[2], from: caret - match[1].length } : null;
}

/** What may be meant by it, best first: {value, label, hint, picture?}. `value` is what is written in its place. */
export function offers(at, { commands, names, emotes, emoji }) {
  if (!at) return [];
  const word = at.word.toLowerCase();
  switch (at.kind) {
    case "command":
      return best(commands, word, ({ name }) => name, commands.length).map(({ name, usage, help }) => ({ value: `/${name} `, label: usage || `/${name}`, hint: help, exact: name === word }));
    case "name":
      return best(names, word, (name) => name).map((name) => ({ value: `@${name} `, label: name, exact: name.toLowerCase() === word }));
    case "argument":
      return word && takesName(at.command, commands) ? best(names, word, (name) => name).map((name) => ({ value: `${name} `, label: name, exact: name.toLowerCase() === word })) : [];
    default: {
      const own = best([...emotes.values()], word, ({ name }) => name).map((emote) => ({ value: `:${emote.name}: `, label: `:${emote.name}:`, picture: emote.url }));
      const known = best([...(emoji ?? [])], word, ([code]) => code).map(([code, symbol]) => ({ value: `${symbol} `, label: `:${code}:`, symbol }));
      return [...own, ...known].slice(0, SHOWN_MAX);
    }
  }
}

/** The command that is being written, once its name is complete. */
export function commandIn(text, commands) {
  const name = /^\/([a-z]+)(?:\s|$)/i.exec(text)?.[1].toLowerCase();
  return name ? commands.find((command) => command.name === name) : undefined;
}

function takesName(name, commands) {
  return commands.some((command) => command.takes_name && command.name === name);
}

function best(all, word, nameOf, most = SHOWN_MAX) {
  const ranked = [];
  for (const one of all) {
    const name = nameOf(one).toLowerCase();
    const place = name.indexOf(word);
    if (place >= 0) ranked.push({ one, rank: place === 0 ? 0 : /[_-]/.test(name[place - 1]) ? 1 : 2, name });
  }
  ranked.sort((a, b) => a.rank - b.rank || (word && a.name.length - b.name.length) || (a.name < b.name ? -1 : 1));
  return ranked.slice(0, most).map(({ one }) => one);
}
