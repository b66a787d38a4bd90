// What arrives of the streamer's own stream: facts, advice, and two plots of the last minutes.

import { createElement as h, useEffect, useState } from "react";

const ASK_MS = 2000;
const CODECS = { avc1: "H.264", hvc1: "HEVC", av01: "AV1", aac: "AAC" };
const PLOT_SECONDS_MIN = 60;
const WIDTH = 300;
const HEIGHT = 56;

export function StreamHealth({ streamState }) {
  const report = useReport(streamState);
  if (!report) return h("div", { className: "health__wait skeleton", role: "status", "aria-label": "Measuring your stream" });
  const { health, advice } = report;
  return h(
    "div",
    { className: "health__body" },
    h(Advice, { advice, isLive: streamState === "live", isMeasured: Boolean(health) }),
    health && h(Facts, { health }),
    health && h(
      "div",
      { className: "health__plots" },
      h(Plot, { name: "Bitrate", unit: "kbit/s", history: health.history, value: (second) => second.kbps }),
      h(Plot, { name: "Frames", unit: "per second", history: health.history, value: (second) => second.frames }),
    ),
  );
}

/** The newest report; what was known stays while the API does not answer. */
function useReport(streamState) {
  const [report, setReport] = useState(null);
  useEffect(() => {
    let timer;
    let isGone = false;
    const ask = async () => {
      if (!document.hidden) {
        const answer = await fetch(window.frontDoor("/api/studio/health"), { credentials: "include" }).catch(() => null);
        if (isGone) return;
        if (answer?.ok) setReport(await answer.json());
      }
      timer = setTimeout(ask, ASK_MS);
    };
    ask();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [streamState]);
  return report;
}

function Advice({ advice, isLive, isMeasured }) {
  if (advice.length)
    return h("ul", { className: "health__advice", role: "status" }, advice.map((words) => h("li", { key: words }, words)));
  if (!isMeasured) return h("p", { className: "health__calm", role: "status" }, isLive ? "Measuring…" : "Nothing is arriving right now.");
  return h("p", { className: "health__calm health__calm--good", role: "status" }, "Everything looks good.");
}

function Facts({ health }) {
  const video = health.video_codec && `${CODECS[health.video_codec]} ${health.width} × ${health.height}`;
  const audio = health.audio_codec && `${CODECS[health.audio_codec]} ${health.sample_rate / 1000} kHz, ${health.channels === 1 ? "mono" : health.channels === 2 ? "stereo" : `${health.channels} channels`}`;
  const facts = [
    ["Video", video || "None"],
    ["Audio", audio || "None"],
    ["Bitrate", `${health.kbps.toLocaleString("en")} kbit/s`],
    ["Frame rate", `${health.frames_per_second} fps`],
    ["Keyframe", health.key_interval_seconds ? `every ${health.key_interval_seconds} s` : "–"],
    ["Offered as", health.offers.map(({ rendition, viewers }) => (viewers ? `${rendition} (${viewers} watching)` : rendition)).join(", ")],
  ];
  return h("dl", { className: "health__facts" }, facts.map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value))));
}

function Plot({ name, unit, history, value }) {
  const values = history.map(value);
  const span = Math.max(PLOT_SECONDS_MIN, values.length);
  const most = Math.max(1, ...values);
  const x = (index) => WIDTH - ((values.length - 1 - index) * WIDTH) / (span - 1);
  const y = (number) => HEIGHT - 2 - (number / most) * (HEIGHT - 6);
  const line = values.map((number, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(number).toFixed(1)}`).join("");
  const words = values.length ? `${name}: ${values.at(-1).toLocaleString("en")} ${unit} now, at most ${most.toLocaleString("en")} in the last minutes` : name;
  return h(
    "figure",
    { className: "health__plot" },
    h("figcaption", null, h("span", null, name), h("span", { className: "health__most" }, `up to ${most.toLocaleString("en")} ${unit}`)),
    h(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": words },
      line && h("path", { className: "health__area", d: `${line}L${WIDTH} ${HEIGHT}L${x(0).toFixed(1)} ${HEIGHT}Z` }),
      line && h("path", { className: "health__line", d: line }),
    ),
    h("div", { className: "health__axis", "aria-hidden": true }, h("span", null, span < 120 ? `${span} s ago` : `${Math.round(span / 60)} min ago`), h("span", null, "now")),
  );
}
