// Splits the text of a message into links, mentions, emotes, emoji and plain text.

export type Emote = { name: string; url: string; width: number; height: number };

/** Emotes by lower-case name, without colons. */
export type Emotes = ReadonlyMap<string, Emote>;

/** Symbols by GitHub name, without colons. */
export type Emoji = ReadonlyMap<string, string>;

/** Emotes, and the emoji of a name. */
export type Pictures = { emotes: Emotes; emojiOf: (name: string) => string | undefined };

/** `kind` is text, link, mention, emote or emoji. `me`: the part mentions the viewer. */
export type Part = { kind: string; text: string; href?: string; me?: true; emote?: Emote; emoji?: string };

// A link ends before punctuation, and before a bracket that it does not contain in pairs.
const LINK = String.raw`https?://(?:[^\s<>"\x60()[\]{}]|\([^\s<>"\x60()]*\)|\[[^\s<>"\x60[\]]*\]|\{[^\s<>"\x60{}]*\})+(?<![.,!?;:'*_~])`;
const NAME = String.raw`(?<![\w@/.])@([a-z0-9](?:[a-z0-9_-]{0,23}[a-z0-9])?)`;
const CODE = `:([a-z0-9_+-]{1,64})(?=:)`; // without its last colon, which may begin the next code
const PIECES = new RegExp(`(${LINK})|${NAME}|${CODE}`, "gi");
const EMOJI = /\p{RGI_Emoji}|\p{Extended_Pictographic}/gv; // compiles in 1 ms; with a repetition, in up to 100 ms
const FEW = 8;

/** The parts of `text` for the viewer `me`, in order. */
export function partsOf(text: string, pictures: Pictures, me = ""): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(PIECES)) {
    const [written, link, name, code] = match;
    const mention = { kind: "mention", text: written, me: sameName(name, me) || undefined };
    const part = link ? linkOf(link) : code ? pictureOf(code, pictures) : mention;
    if (!part || match.index < from) continue;
    if (match.index > from) parts.push({ kind: "text", text: text.slice(from, match.index) });
    parts.push(part);
    from = match.index + part.text.length;
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return parts;
}

/** Whether a message consists of a few emotes and emoji only. */
export function isLarge(parts: Part[]): boolean {
  const text = parts.map(({ kind, text }) => (kind === "emote" || kind === "emoji" ? "🎉" : text)).join("");
  const count = text.match(EMOJI)?.length ?? 0;
  return count > 0 && count <= FEW && !text.replace(EMOJI, "").trim();
}

/** Whether two usernames belong to the same account; false if one is empty. */
export function sameName(one: string | undefined, other: string | undefined): boolean {
  return Boolean(one && other) && one?.toLowerCase() === other?.toLowerCase();
}

/** The hue of a name in degrees, as `hue_of` in streaming_app/state/view_models.py computes it. */
export function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name.toLowerCase())) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) % 360;
}

/** Null for an address with a username: it may imitate a host. */
function linkOf(text: string): Part | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.hostname && !url.username && !url.password ? { kind: "link", text, href: url.href } : null;
}

function pictureOf(code: string, { emotes, emojiOf }: Pictures): Part | null {
  const [name, text] = [code.toLowerCase(), `:${code}:`];
  const emote = emotes.get(name);
  const emoji = emote ? undefined : emojiOf(name);
  return emote ? { kind: "emote", text, emote } : emoji ? { kind: "emoji", text, emoji } : null;
}
