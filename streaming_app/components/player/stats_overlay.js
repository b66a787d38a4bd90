// What the player knows about the stream, in numbers, over the picture.

import { createElement as h, useEffect, useRef, useState } from "react";

const REFRESH_MS = 500;
const MODES = { low: "Low latency", plain: "Plain HLS", native: "By the browser" };
const UNKNOWN = "–";

export function StatsOverlay({ stats, onClose }) {
  const rows = useRows(stats);
  useEffect(() => {
    const onKeyDown = ({ key }) => key === "Escape" && onClose();
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  return h(
    "section",
    // noautohide: media-chrome leaves it there when the controls go.
    { slot: "top-chrome", noautohide: "", className: "player__stats", role: "region", "aria-label": "Stream statistics" },
    h("header", null, h("h2", null, "Statistics"),
      h("button", { type: "button", className: "player__close", onClick: onClose, "aria-label": "Close statistics", title: "Close (Esc)" },
        h("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 2.25, strokeLinecap: "round", "aria-hidden": true },
          h("path", { d: "M6 6l12 12M18 6L6 18" })))),
    h("dl", null, ...rows.map(([name, value, id]) => h("div", { key: name }, h("dt", null, name), h("dd", { "data-stat": id }, value)))),
  );
}

function useRows(stats) {
  const before = useRef(null);
  const read = () => {
    const now = { ...stats.read(), at: performance.now() };
    const rows = rowsOf(now, before.current);
    before.current = now;
    return rows;
  };
  const [rows, setRows] = useState(read);
  useEffect(() => {
    const timer = setInterval(() => setRows(read()), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return rows;
}

function rowsOf(stats, before) {
  return [
    ["Behind the encoder", number(stats.delay, 2, "s"), "delay"],
    ["Aimed at", number(stats.target, 2, "s"), "target"],
    ["Buffer ahead", number(stats.ahead, 2, "s"), "ahead"],
    ["Picture", picture(stats, before), "picture"],
    ["Dropped", dropped(stats), "dropped"],
    ["Stream", number(stats.bitrate && stats.bitrate / 1e6, 2, "Mbit/s"), "bitrate"],
    ["Network", number(stats.bandwidth && stats.bandwidth / 1e6, 1, "Mbit/s"), "bandwidth"],
    ["Stalls", String(stats.stalls), "stalls"],
    ["Playback rate", stats.rate ? `${stats.rate.toFixed(2)}×` : "waits for more", "rate"],
    ["Mode", MODES[stats.mode], "mode"],
    ...(stats.why ? [["Because", stats.why, "why"]] : []),
  ];
}

function picture({ level, width, height, frames, at }, before) {
  if (!width) return UNKNOWN;
  const fps = before && frames !== null ? ((frames - before.frames) * 1000) / (at - before.at) : null;
  return [level, `${width}×${height}`, fps !== null && `${Math.max(0, Math.round(fps))} fps`].filter(Boolean).join(" · ");
}

function dropped({ frames, dropped: lost }) {
  return frames === null ? UNKNOWN : `${lost} of ${frames}`;
}

function number(value, digits, unit) {
  return Number.isFinite(value) && value !== null ? `${value.toFixed(digits)} ${unit}` : UNKNOWN;
}
