// The line above the chat: its name, and the menu of what concerns all of it.

import { createElement as h, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { Clock, EllipsisVertical, EyeOff, PictureInPicture2, ShieldCheck, SquareSlash, Users } from "lucide-react";
import { Menu } from "./menu.js";
import { isModerator } from "./message_menu.js";
import { keep, useKept } from "./kept.js";

const WINDOW = "popup,width=420,height=760";

export function Head({ slug, role, isAlone, hasCommands, onPanel }) {
  const button = useRef(null);
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const { muted, times } = useKept();
  const moderate = () => (isAlone ? window.open(`/c/${slug}/moderation`, "_blank") : navigate(`/c/${slug}/moderation`));
  const items = [
    !isAlone && { label: "Pop out", icon: PictureInPicture2, onSelect: () => window.open(`/c/${slug}/chat`, `chat-${slug}`, WINDOW) },
    { label: "Chatters", icon: Users, onSelect: () => onPanel("chatters") },
    { label: "Timestamps", icon: Clock, checked: times, onSelect: () => keep({ times: !times }) },
    { label: muted.length ? `Muted people (${muted.length})` : "Muted people", icon: EyeOff, onSelect: () => onPanel("muted") },
    hasCommands && { label: "Commands", icon: SquareSlash, onSelect: () => onPanel("commands") },
    isModerator(role) && { label: "Moderation", icon: ShieldCheck, onSelect: moderate },
  ].filter(Boolean);
  return h(
    "header",
    { className: "chat__head" },
    h("h2", { className: "chat__title" }, "Chat"),
    h("button",
      { type: "button", className: "btn btn--icon btn--sm", ref: button, disabled: !slug, "aria-haspopup": "menu", "aria-expanded": isOpen, "aria-label": "Chat menu", onClick: () => setOpen(true) },
      h(EllipsisVertical, { "aria-hidden": true })),
    isOpen && h(Menu, { anchor: button.current, label: "Chat", items, onClose: () => setOpen(false) }),
  );
}
