// One line of the chat: a message, a deleted message, a gap or a divider.

import { Crown, Ellipsis, Reply, Shield, Star } from "lucide-react";
import { Children, createElement, memo, useEffect, useMemo } from "react";
import type { FeedQuote } from "../generated.ts";
import { fetchEmoji } from "./emoji.ts";
import { hueOf, mentions, type Part, partsOf, sameName } from "./text.ts";
import type { Emoji, Emotes, Row as Line } from "./types.ts";

const BADGES: Record<string, { icon: typeof Crown; label: string }> = {
  moderator: { icon: Shield, label: "Moderator" },
  owner: { icon: Crown, label: "Streamer" },
  admin: { icon: Star, label: "Administrator" },
};

type Props = {
  message: Line;
  me?: string;
  emotes: Emotes;
  emoji: Emoji;
  onMenu?: (id: string) => void;
  onJump?: (id: string) => void;
};

/** `me` is the viewer's username. `onMenu` and `onJump` get the id of a message; without them there is no button. */
export const Row = memo(function Row(props: Props) {
  const { id, isGap, words } = props.message;
  if (words)
    return (
      <div className="chat__row chat__divider" data-message={id}>
        <span>{words}</span>
      </div>
    );
  if (!isGap) return <Message {...props} />;
  return (
    <div className="chat__row chat__gap" data-message={id}>
      Some messages are missing because your connection was too slow.
    </div>
  );
});

function Message({ message, me = "", emotes, emoji, onMenu, onJump }: Props) {
  const { id, name = "", at = "", role, reply, deleted } = message;
  const { parts, needsEmoji, isLarge } = useMemo(
    () => partsOf(message.text ?? "", { emotes, emoji }),
    [message.text, emotes, emoji],
  );
  useEffect(() => {
    if (needsEmoji) fetchEmoji();
  }, [needsEmoji]);
  const isForMe = !deleted && (mentions(parts, me) || (sameName(reply?.name, me) && !sameName(name, me)));
  return (
    <div
      className="chat__row"
      tabIndex={-1}
      data-message={id}
      data-for-me={isForMe || undefined}
      data-deleted={deleted}
    >
      <div className="chat__line">
        {reply && <QuotedMessage reply={reply} onJump={onJump} />}
        <time className="chat__time" dateTime={at} title={new Date(at).toLocaleString()}>
          {new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })}
        </time>
        <Badge role={role} />
        <Name name={name} />
        {deleted ? (
          <span className="chat__gone">Message deleted</span>
        ) : (
          <span className="chat__text" data-large={isLarge || undefined}>
            <Parts parts={parts} me={me} />
          </span>
        )}
      </div>
      {onMenu && !deleted && (
        <button
          type="button"
          className="chat__act"
          tabIndex={-1}
          aria-haspopup="menu"
          aria-label={`Menu of ${name}'s message`}
          onClick={() => onMenu(id)}
        >
          <Ellipsis aria-hidden />
        </button>
      )}
    </div>
  );
}

/** A username in its color. */
export function Name({ name }: { name: string }) {
  return (
    <span className="chat__name" style={{ "--hue": hueOf(name) } as object}>
      {name}
    </span>
  );
}

/** The icon of a role; nothing for a viewer's. */
export function Badge({ role = "" }: { role?: string }) {
  const badge = BADGES[role];
  if (!badge) return null;
  return (
    <span className="chat__badge" data-role={role} role="img" aria-label={badge.label} title={badge.label}>
      <badge.icon aria-hidden />
    </span>
  );
}

/** The parts of a text as elements. What a user wrote is always text, never markup. */
export function Parts({ parts, me }: { parts: Part[]; me: string }) {
  return Children.toArray(parts.map((part) => elementOf(part, me)));
}

function elementOf(part: Part, me: string) {
  const { kind, text } = part;
  switch (kind) {
    case "link":
      return (
        <a className="chat__link" href={part.href} target="_blank" rel="noopener nofollow ugc">
          {text}
        </a>
      );
    case "mention":
      return createElement(
        "span",
        { className: "chat__mention", "data-me": sameName(part.name, me) || undefined },
        text,
      );
    case "emote":
      return (
        <img
          className="chat__emote"
          src={part.emote.url}
          width={part.emote.width}
          height={part.emote.height}
          alt={text}
          title={text}
          loading="lazy"
          decoding="async"
        />
      );
    case "emoji":
      return <span title={text}>{part.emoji}</span>;
    default:
      return text;
  }
}

function QuotedMessage({ reply, onJump }: { reply: FeedQuote; onJump?: (id: string) => void }) {
  const quote = (
    <>
      <Reply aria-hidden />
      <b className="chat__quoted">@{reply.name}</b>
      <span>{reply.text ?? "deleted message"}</span>
    </>
  );
  if (!onJump) return <span className="chat__quote">{quote}</span>;
  return (
    <button
      type="button"
      className="chat__quote"
      tabIndex={-1}
      title="Show this message"
      onClick={() => onJump(reply.id)}
    >
      {quote}
    </button>
  );
}
