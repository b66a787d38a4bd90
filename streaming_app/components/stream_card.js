// The moving parts of a stream card and of the watch page: a preview that may be missing, and a clock.

import { createElement as h, useEffect, useState } from "react";

/** A stream's newest picture; nothing while there is none, so that the art behind it shows. */
export function Preview({ src }) {
  const [failed, setFailed] = useState("");
  const [url, setUrl] = useState("");
  useEffect(() => setUrl(src ? window.frontDoor(src) : ""), [src]);
  if (!url || failed === url) return null;
  return h("img", { className: "preview", src: url, alt: "", loading: "lazy", decoding: "async", onError: () => setFailed(url) });
}

/** Time since `since`, ticking: 42:07, 1:42:07. */
export function Uptime({ since }) {
  const [now, setNow] = useState(0);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  if (!since || !now) return null;
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const text = hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  return h("time", { dateTime: since, title: `Since ${new Date(since).toLocaleString()}`, "aria-label": `On the air for ${text}` }, text);
}
