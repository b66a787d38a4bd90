// One line of chat: who, what, and what it answers.

import { createElement as h, memo, useEffect, useMemo } from "react";
import { Crown, Ellipsis, Reply, Shield, Star } from "lucide-react";
import { hueOf, mentions, partsOf } from "./words.js";
import { wantEmoji } from "./pictures.js";

const NO_EMOTES = new Map();
const BADGES = {
  moderator: { icon: Shield, label: "Moderator" },
  owner: { icon: Crown, label: "Streamer" },
  admin: { icon: Star, label: "Administrator" },
};

/** `onMenu` is called with the message and what to open the menu at; without it the row only shows. */
export const Row = memo(function Row(props) {
  const { message } = props;
  if (message.isDivider) return h("div", { className: "chat__row chat__divider", "data-message": message.id }, h("span", null, message.words));
  return message.isGap ? h(Gap, { id: message.id }) : h(Message, props);
});

function Message({ message, me = "", emotes = NO_EMOTES, emoji = null, onMenu, onJump }) {
  const { parts, unknown, isLarge } = useMemo(() => partsOf(message.text ?? "", { emotes, emoji }), [message.text, emotes, emoji]);
  useEffect(() => {
    if (unknown) wantEmoji();
  }, [unknown]);
  const isForMe = !message.deleted && (mentions(parts, me) || isReplyTo(message, me));
  return h(
    "div",
    { className: "chat__row", tabIndex: -1, "data-message": message.id, "data-for-me": isForMe || undefined, "data-deleted": message.deleted },
    h("div", { className: "chat__line" },
      message.reply && h(Quote, { reply: message.reply, onJump }),
      h(Time, { at: message.at }),
      BADGES[message.role] && h(Badge, { role: message.role }),
      h(Name, { name: message.name }),
      message.deleted
        ? h("span", { className: "chat__gone" }, "Message deleted")
        : h("span", { className: "chat__text", "data-large": isLarge || undefined }, h(Words, { parts, me }))),
    onMenu &&
      !message.deleted &&
      h(
        "button",
        {
          type: "button", className: "chat__act", tabIndex: -1, "aria-haspopup": "menu", "aria-label": `Menu of ${message.name}'s message`,
          onClick: ({ currentTarget }) => onMenu(message, currentTarget),
        },
        h(Ellipsis, { "aria-hidden": true }),
      ),
  );
}

function Gap({ id }) {
  return h("div", { className: "chat__row chat__gap", "data-message": id }, "Some messages are missing here: your connection was too slow for them.");
}

export function Name({ name }) {
  return h("span", { className: "chat__name", style: { "--hue": hueOf(name) } }, name);
}

export function Badge({ role }) {
  const { icon, label } = BADGES[role];
  return h("span", { className: "chat__badge", "data-role": role, role: "img", "aria-label": label, title: label }, h(icon, { "aria-hidden": true }));
}

/** A message's parts as elements; whatever is written stays text. */
export function Words({ parts, me }) {
  return parts.map((part, index) => {
    switch (part.kind) {
      case "link":
        return h("a", { key: index, className: "chat__link", href: part.href, target: "_blank", rel: "noopener nofollow ugc" }, part.text);
      case "mention":
        return h("span", { key: index, className: "chat__mention", "data-me": sameName(part.name, me) || undefined }, part.text);
      case "emote":
        return h("img", {
          key: index, className: "chat__emote", src: part.emote.url, alt: part.text, title: part.text,
          width: part.emote.width, height: part.emote.height, loading: "lazy", decoding: "async",
        });
      case "emoji":
        return h("span", { key: index, title: part.text }, part.emoji);
      default:
        return part.text;
    }
  });
}

function Quote({ reply, onJump }) {
  const words = [h(Reply, { key: "icon", "aria-hidden": true }), h("b", { key: "name", className: "chat__quoted" }, `@${reply.name}`), h("span", { key: "text" }, reply.text ?? "deleted message")];
  if (!onJump) return h("span", { className: "chat__quote" }, words);
  return h("button", { type: "button", className: "chat__quote", tabIndex: -1, title: "Show this message", onClick: () => onJump(reply.id) }, words);
}

function Time({ at }) {
  const instant = new Date(at);
  return h("time", { className: "chat__time", dateTime: at, title: instant.toLocaleString() },
    instant.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
}

function isReplyTo(message, me) {
  return Boolean(me) && sameName(message.reply?.name, me) && !sameName(message.name, me);
}

export function sameName(one, other) {
  return Boolean(one) && Boolean(other) && one.toLowerCase() === other.toLowerCase();
}
