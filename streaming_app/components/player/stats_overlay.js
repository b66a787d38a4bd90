// What the player knows about the stream, in numbers, over the picture.

import { createElement as h, useEffect, useRef, useState } from "react";
import { Panel } from "./panel.js";

const REFRESH_MS = 500;
const MODES = { low: "Low latency", plain: "Plain HLS", native: "Native HLS" };
const UNKNOWN = "–";

export function StatsOverlay({ stats, onClose }) {
  const rows = useRows(stats);
  return h(
    Panel,
    { title: "Stream statistics", className: "player__stats", onClose },
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
    ["Latency", number(stats.delay, 2, "s"), "delay"],
    ["Target latency", number(stats.target, 2, "s"), "target"],
    ["Buffer ahead", number(stats.ahead, 2, "s"), "ahead"],
    ["Picture", picture(stats, before), "picture"],
    ["Dropped", dropped(stats), "dropped"],
    ["Stream", number(stats.bitrate && stats.bitrate / 1e6, 2, "Mbit/s"), "bitrate"],
    ["Network", number(stats.bandwidth && stats.bandwidth / 1e6, 1, "Mbit/s"), "bandwidth"],
    ["Stalls", String(stats.stalls), "stalls"],
    ["Playback rate", stats.rate ? `${stats.rate.toFixed(2)}×` : "Buffering", "rate"],
    ["Mode", MODES[stats.mode], "mode"],
    ...(stats.why ? [["Reason", stats.why, "why"]] : []),
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
