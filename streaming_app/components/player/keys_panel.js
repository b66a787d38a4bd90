// The list of the player's keys, and the switch that turns those off which are single characters.

import { createElement as h, useState } from "react";
import { Panel } from "./panel.js";
import { characterKeysWork, setCharacterKeys } from "./player_keys.js";

const COMMON = [["Space", "Play or pause"], ["↑ ↓", "Volume"], ["← →", "5 s back or forward"]];
const CHARACTERS = [["K", "Play or pause"], ["M", "Mute"], ["F", "Fullscreen"], ["I", "Picture in picture"]];
const OF_LIVE = [["L", "Back to live"], ["T", "Theatre mode"], ["S", "Statistics"]];
const OF_RECORDINGS = [["J L", "10 s back or forward"], ["0 – 9", "Jump to 0–90 %"], ["< >", "Speed"]];

export function KeysPanel({ isLive, onClose }) {
  const [work, setWork] = useState(characterKeysWork);
  const change = ({ target }) => {
    setCharacterKeys(target.checked);
    setWork(target.checked);
  };
  return h(
    Panel,
    { title: "Keyboard shortcuts", className: "player__keys", onClose },
    h("h3", null, "When the player is focused"),
    h(KeyList, { keys: COMMON }),
    h("h3", null, "Also when nothing is focused"),
    h("label", { className: "player__switch" },
      h("input", { type: "checkbox", checked: work, onChange: change }), "Single-character shortcuts"),
    h(KeyList, { keys: [...CHARACTERS, ...(isLive ? OF_LIVE : OF_RECORDINGS), ["?", "This list"]], isOff: !work }),
  );
}

function KeyList({ keys, isOff }) {
  return h("dl", { "data-off": isOff || undefined }, ...keys.map(([key, action]) => h("div", { key }, h("dt", null, h("kbd", null, key)), h("dd", null, action))));
}

/** The button that opens the list; there is none where there is no keyboard. */
export function KeysButton({ isShown, onClick, buttonRef }) {
  return h("button", {
    ref: buttonRef, type: "button", className: "player__button player__keys-button", onClick, "aria-pressed": isShown,
    "aria-label": "Keyboard shortcuts", title: "Keyboard shortcuts (?)",
  }, h("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 2, strokeLinecap: "round", strokeLinejoin: "round", "aria-hidden": true },
    h("path", { d: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M8 14h8" })));
}
