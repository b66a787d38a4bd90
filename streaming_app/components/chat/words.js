// What a message's text is made of. Everything stays text; only addresses of the web become links.

const PIECES = /(https?:\/\/[^\s<>"`]+)|(?<![\w@/.])@([a-z0-9](?:[a-z0-9_-]{0,23}[a-z0-9])?)|:([a-z0-9_+-]{1,64}):/gi;
const LINK_END = /[.,!?;:'*_~]$/;
const CLOSERS = { ")": "(", "]": "[", "}": "{" };
const ONE_EMOJI = String.raw`\p{RI}{2}|[0-9#*]\uFE0F?\u20E3|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?(?:[\u{E0020}-\u{E007F}]+|(?:\u200D\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)*)`;
const ALL_EMOJI = new RegExp(String.raw`^(?:\s|${ONE_EMOJI})+$`, "u");
const EACH_EMOJI = new RegExp(ONE_EMOJI, "gu");
const LARGE_MAX = 8; // emoji in a message that is shown large

/**
 * The parts of `text`, in order: {kind: text | link | mention | emote | emoji}. `emotes` and `emoji` are maps from lower-case
 * names without colons; `emoji` is null as long as nobody has fetched it, and `unknown` says that it is wanted.
 */
export function partsOf(text, { emotes, emoji }) {
  const parts = [];
  let unknown = false;
  let from = 0;
  for (let match; (match = PIECES.exec(text)); ) {
    const [whole, link, name, code] = match;
    const part = link ? linkOf(link) : name ? { kind: "mention", text: whole, name } : pictureOf(whole, code, emotes, emoji);
    if (!part) {
      unknown ||= Boolean(code) && !emoji;
      PIECES.lastIndex = match.index + (code ? whole.length - 1 : whole.length); // its last colon may begin another
      continue;
    }
    if (match.index > from) parts.push({ kind: "text", text: text.slice(from, match.index) });
    parts.push(part);
    from = PIECES.lastIndex = match.index + part.text.length;
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return { parts, unknown, isLarge: isLarge(parts) };
}

/** Whether `text` speaks to `name`. */
export function mentions(parts, name) {
  return Boolean(name) && parts.some((part) => part.kind === "mention" && part.name.toLowerCase() === name.toLowerCase());
}

/** A hue for a name, as `hue_of` in streaming_app/state/views.py makes it. */
export function hueOf(name) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name.toLowerCase())) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) % 360;
}

function linkOf(written) {
  let text = written;
  for (;;) {
    const last = text.at(-1);
    const opener = CLOSERS[last];
    if (!(LINK_END.test(text) || (opener && count(text, opener) < count(text, last)))) break;
    text = text.slice(0, -1);
  }
  const url = parsed(text);
  // A name before the host pretends to be the host.
  return url?.hostname && !url.username && !url.password ? { kind: "link", text, href: url.href } : null;
}

function parsed(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function pictureOf(text, code, emotes, emoji) {
  const emote = emotes.get(code.toLowerCase());
  if (emote) return { kind: "emote", text, emote };
  const found = emoji?.get(code.toLowerCase());
  return found ? { kind: "emoji", text, emoji: found } : null;
}

function isLarge(parts) {
  let pictures = 0;
  for (const part of parts) {
    if (part.kind === "emote" || part.kind === "emoji") pictures += 1;
    else if (part.kind === "text" && ALL_EMOJI.test(part.text)) pictures += part.text.match(EACH_EMOJI)?.length ?? 0;
    else return false;
  }
  return pictures > 0 && pictures <= LARGE_MAX;
}

function count(text, letter) {
  return text.split(letter).length - 1;
}
