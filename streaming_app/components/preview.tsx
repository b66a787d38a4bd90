// The newest preview image of a stream.

import { useEffect, useState } from "react";

const RENEW_MS = 10000;
const RETRY_MS = 1000;

/** Shows the image at `src` and reloads it as it changes; shows nothing while there is none. */
export function Preview({ src }: { src: string }) {
  const [url, setUrl] = useState("");
  const path = src?.split("?")[0];
  useEffect(() => {
    if (!path) return;
    const next = new Image();
    let timer = 0;
    const load = () => {
      if (document.hidden) loadIn(RETRY_MS);
      else next.src = `${window.frontDoor(path)}?t=${Math.floor(Date.now() / RETRY_MS)}`;
    };
    const loadIn = (wait: number) => {
      timer = window.setTimeout(load, wait);
    };
    next.onload = () => {
      setUrl(next.src);
      loadIn(RENEW_MS);
    };
    next.onerror = () => loadIn(RETRY_MS);
    load();
    return () => {
      next.onload = next.onerror = null;
      clearTimeout(timer);
    };
  }, [path]);
  return url ? <img className="preview" src={url} alt="" decoding="async" /> : null;
}
