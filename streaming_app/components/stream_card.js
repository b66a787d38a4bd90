// The moving parts of a stream card and of the watch page: a preview that may be missing, and a clock.

import { createElement as h, useEffect, useState } from "react";

const RENEW_MS = 10000;
const RETRY_MS = 1000;

/** A stream's newest picture, renewed as it changes; nothing while there is none, so that the art behind it shows. */
export function Preview({ src }) {
  const [url, setUrl] = useState("");
  const path = src?.split("?")[0];
  useEffect(() => {
    if (!path) return undefined;
    const next = new Image();
    let timer;
    const look = () => {
      if (document.hidden) timer = setTimeout(look, RETRY_MS);
      else next.src = `${window.frontDoor(path)}?t=${Math.floor(Date.now() / RETRY_MS)}`;
    };
    const lookIn = (wait) => (timer = setTimeout(look, wait));
    next.onload = () => {
      setUrl(next.src);
      lookIn(RENEW_MS);
    };
    next.onerror = () => lookIn(RETRY_MS);
    look();
    return () => {
      next.onload = next.onerror = null;
      clearTimeout(timer);
    };
  }, [path]);
  return url ? h("img", { className: "preview", src: url, alt: "", decoding: "async" }) : null;
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
  return h("time", { dateTime: since, title: `Since ${new Date(since).toLocaleString()}`, "aria-label": `Live for ${text}` }, text);
}
