// Splits the text of a message into links, mentions, emotes, emoji and plain text.

export type Emote = { name: string; url: string; width: number; height: number };

/** Emotes by lower-case name, without colons. */
export type Emotes = ReadonlyMap<string, Emote>;

/** Symbols by GitHub name, without colons; null until they are fetched. */
export type Emoji = ReadonlyMap<string, string> | null;

export type Part =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; href: string }
  | { kind: "mention"; text: string; name: string }
  | { kind: "emote"; text: string; emote: Emote }
  | { kind: "emoji"; text: string; emoji: string };

const PIECES = /(https?:\/\/[^\s<>"`]+)|(?<![\w@/.])@([a-z0-9](?:[a-z0-9_-]{0,23}[a-z0-9])?)|:([a-z0-9_+-]{1,64}):/gi;
const NOT_IN_LINK = /[.,!?;:'*_~]$|^(?:[^()]|\([^()]*\))*\)$|^[^[]*\]$|^[^{]*\}$/; // punctuation or an unopened bracket, at the end
const ONE_EMOJI = String.raw`\p{RI}{2}|[0-9#*]\uFE0F?\u20E3|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?(?:[\u{E0020}-\u{E007F}]+|(?:\u200D\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)*)`;
const ALL_EMOJI = new RegExp(String.raw`^(?:\s|${ONE_EMOJI})+$`, "u");
const EACH_EMOJI = new RegExp(ONE_EMOJI, "gu");
const LARGE_MAX = 8; // maximum number of emoji in a message that is shown large

/** Emotes, and the emoji of a name. */
export type Pictures = { emotes: Emotes; emojiOf: (name: string) => string | undefined };

/** The parts of `text`, in order. `isLarge` is true for a few emoji without other text. */
export function partsOf(text: string, pictures: Pictures) {
  const parts: Part[] = [];
  let from = 0;
  for (let match = PIECES.exec(text); match; match = PIECES.exec(text)) {
    const [whole, link, name, code] = match;
    const part: Part | null = link
      ? linkOf(link)
      : name
        ? { kind: "mention", text: whole, name }
        : pictureOf(whole, pictures);
    if (part) {
      if (match.index > from) parts.push({ kind: "text", text: text.slice(from, match.index) });
      parts.push(part);
      from = match.index + part.text.length;
      PIECES.lastIndex = from;
    } else {
      PIECES.lastIndex = match.index + whole.length - (code ? 1 : 0); // the last colon may begin another name
    }
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return { parts, isLarge: isLarge(parts) };
}

/** Whether two usernames belong to the same account; false if one is empty. */
export function sameName(one: string | undefined, other: string | undefined): boolean {
  return Boolean(one && other) && one?.toLowerCase() === other?.toLowerCase();
}

/** Whether `parts` mention `name`. */
export function mentions(parts: Part[], name: string): boolean {
  return parts.some((part) => part.kind === "mention" && sameName(part.name, name));
}

/** The hue of a name in degrees, as `hue_of` in streaming_app/state/view_models.py computes it. */
export function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name.toLowerCase())) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) % 360;
}

/** The link at the start of `written`. Null for an address with a username: it may imitate a host. */
function linkOf(written: string): Part | null {
  let text = written;
  while (NOT_IN_LINK.test(text)) text = text.slice(0, -1);
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.hostname && !url.username && !url.password ? { kind: "link", text, href: url.href } : null;
}

function pictureOf(text: string, { emotes, emojiOf }: Pictures): Part | null {
  const name = text.slice(1, -1).toLowerCase();
  const emote = emotes.get(name);
  if (emote) return { kind: "emote", text, emote };
  const emoji = emojiOf(name);
  return emoji ? { kind: "emoji", text, emoji } : null;
}

function isLarge(parts: Part[]): boolean {
  let pictures = 0;
  for (const { kind, text } of parts) {
    if (kind === "emote" || kind === "emoji") pictures += 1;
    else if (kind === "text" && ALL_EMOJI.test(text)) pictures += text.match(EACH_EMOJI)?.length ?? 0;
    else return false;
  }
  return pictures > 0 && pictures <= LARGE_MAX;
}
