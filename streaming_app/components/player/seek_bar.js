// Where in the stream the viewer is: a bar over what can be seeked in, and the way back to the live edge.

import { createElement as h, useEffect, useRef, useState } from "react";

const WINDOW_MIN_SECONDS = 10;

/** The position, kept up to date; `null` while there is none. */
export function usePosition(place) {
  const [position, setPosition] = useState(null);
  useEffect(() => place.current.subscribe(() => setPosition(rounded(place.current.position()))), []);
  return position;
}

/** To whole seconds, so that React draws only what anyone would notice. */
function rounded(position) {
  let known = null;
  if (position) known = { window: Math.floor(position.window), behind: Math.round(position.behind), atLive: position.atLive };
  return (before) => (same(before, known) ? before : known);
}

function same(a, b) {
  return a === b || (a && b && a.window === b.window && a.behind === b.behind && a.atLive === b.atLive);
}

export function SeekBar({ place, position }) {
  const bar = useRef(null);
  const [pointed, setPointed] = useState(null); // seconds behind live, under the pointer
  if (!position || position.window < WINDOW_MIN_SECONDS) return null;
  const { window: length, atLive } = position;
  const behind = atLive ? 0 : Math.min(length, position.behind);
  const share = (seconds) => `${(100 * (length - seconds)) / length}%`;
  const point = ({ clientX }) => {
    const { left, width } = bar.current.getBoundingClientRect();
    setPointed(Math.round(length * (1 - Math.min(1, Math.max(0, (clientX - left) / width)))));
  };
  return h(
    "div",
    { className: "player__seek", style: { "--played": share(behind) }, onPointerMove: point, onPointerLeave: () => setPointed(null) },
    h("input", {
      ref: bar, type: "range", min: 0, max: length, step: 1, value: length - behind,
      onChange: ({ target }) => (Number(target.value) >= length ? place.toLive() : place.seekTo(length - target.value)),
      "aria-label": "Seek", "aria-valuetext": inWords(behind),
    }),
    pointed !== null && h("span", { className: "player__pointed", style: { "--at": share(pointed) }, "aria-hidden": true }, pointed ? `−${asTime(pointed)}` : "Live"),
  );
}

/** Says that this is live, or how far from it, and leads back. */
export function LiveButton({ place, position, onBack }) {
  if (!position || position.atLive) return h("span", { className: "player__live" }, dot(), "Live");
  const behind = asTime(position.behind);
  const back = () => {
    onBack();
    place.toLive();
  };
  return h(
    "button",
    { type: "button", className: "player__to-live", onClick: back, title: "Back to live (l)" },
    h("span", { className: "player__behind" }, h("span", { className: "visually-hidden" }, "Behind live: "), `−${behind}`),
    h("span", { className: "player__back" }, dot(), "Back to live"),
  );
}

function inWords(behind) {
  if (behind === 0) return "Live";
  const [minutes, seconds] = [Math.floor(behind / 60), behind % 60];
  return `${minutes ? `${minutes} min ` : ""}${seconds} s behind live`;
}

function asTime(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, "0")}`;
}

function dot() {
  return h("span", { className: "player__dot", "aria-hidden": true });
}
