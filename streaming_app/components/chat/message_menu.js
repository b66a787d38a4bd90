// What one can do with a message: everyone a little, moderators more.

import { AtSign, Ban, Clock, Copy, Eraser, EyeOff, Pin, PinOff, Reply, ShieldMinus, ShieldPlus, Trash2, Undo2 } from "lucide-react";
import { sameName } from "./row.js";

const RANKS = { viewer: 0, moderator: 1, owner: 2, admin: 3 };
const TIMEOUTS = [
  { label: "1 min", spoken: "1 minute", minutes: 1 },
  { label: "10 min", spoken: "10 minutes", minutes: 10 },
  { label: "1 h", spoken: "1 hour", minutes: 60 },
];

export function isModerator(role) {
  return RANKS[role] >= RANKS.moderator;
}

/**
 * The items of the menu of `message`. `onDeed(deed, {name, id, minutes, reason})` moderates, `onAsk` puts a question first;
 * what is not offered here the server would refuse as well.
 */
export function messageItems({ message, me, role, isPinned, isBanned, onReply, onMention, onCopy, onMute, onDeed, onAsk }) {
  const { id, name } = message;
  const isOwn = sameName(name, me);
  const items = [
    me && { label: "Reply", icon: Reply, onSelect: () => onReply(message) },
    me && !isOwn && { label: `Mention ${name}`, icon: AtSign, onSelect: () => onMention(name) },
    { label: "Copy text", icon: Copy, onSelect: () => onCopy(message.text) },
    !isOwn && { label: `Mute ${name}`, icon: EyeOff, onSelect: () => onMute(name) },
  ];
  if (!isModerator(role)) return items.filter(Boolean);
  const isBelowMe = isOwn || RANKS[role] > RANKS[message.role ?? "viewer"];
  items.push(
    null,
    isPinned
      ? { label: "Unpin message", icon: PinOff, onSelect: () => onDeed("unpin", { id }) }
      : { label: "Pin message", icon: Pin, onSelect: () => onDeed("pin", { id, name }) },
    isBelowMe && { label: "Delete message", icon: Trash2, danger: true, onSelect: () => onDeed("delete", { id, name }) },
  );
  if (isBelowMe && !isOwn) items.push(...chatterItems({ message, role, isBanned, onDeed, onAsk }));
  return items.filter((item) => item !== false);
}

function chatterItems({ message, role, isBanned, onDeed, onAsk }) {
  const { name } = message;
  const ask = (question) => onAsk({ wantsReason: true, ...question });
  return [
    {
      label: "Delete all messages", icon: Eraser, danger: true,
      onSelect: () => ask({ title: `Delete all messages of ${name}?`, text: "All their messages in this chat are deleted. You can undo this on the moderation page.", action: "Delete all", onYes: (given) => onDeed("clear", { name, ...given }) }),
    },
    null,
    {
      label: "Time out", icon: Clock,
      choices: [
        ...TIMEOUTS.map(({ label, spoken, minutes }) => ({ label, spoken: `Time out for ${spoken}`, onSelect: () => onDeed("timeout", { name, minutes }) })),
        { label: "…", spoken: "Time out for a custom time", onSelect: () => ask({ title: `Time out ${name}`, text: "They can read the chat, and write again when the time is over.", action: "Time out", wantsMinutes: true, onYes: (given) => onDeed("timeout", { name, ...given }) }) },
      ],
    },
    isBanned
      ? { label: `Unban ${name}`, icon: Undo2, onSelect: () => onDeed("unban", { name }) }
      : { label: `Ban ${name}`, icon: Ban, danger: true, onSelect: () => ask({ title: `Ban ${name}?`, text: "They can read the chat, but no longer write in it.", action: "Ban", onYes: (given) => onDeed("ban", { name, ...given }) }) },
    RANKS[role] >= RANKS.owner &&
      (message.role === "moderator"
        ? { label: "Remove as moderator", icon: ShieldMinus, onSelect: () => onDeed("unmod", { name }) }
        : { label: "Make moderator", icon: ShieldPlus, onSelect: () => ask({ wantsReason: false, title: `Make ${name} a moderator?`, text: "They can delete messages, time people out and ban them in this chat.", action: "Make moderator", onYes: () => onDeed("mod", { name }) }) }),
  ];
}
