// The newest preview image of a stream.

import { useEffect, useState } from "react";

const RENEW_MS = 10000;
const RETRY_MS = 1000;

/** Shows the image at `src` and reloads it as it changes; shows nothing while there is none. */
export function Preview({ src }: { src: string }) {
  const path = src?.split("?")[0];
  const [second, setSecond] = useState(now);
  const [isMissing, setIsMissing] = useState(true);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setSecond(now()), isMissing ? RETRY_MS : RENEW_MS);
    return () => clearInterval(timer);
  }, [isMissing]);
  if (!path) return null;
  const url = `${window.frontDoor(path)}?t=${second}`;
  const show = () => setIsMissing(false);
  return (
    <img className="preview" src={url} alt="" hidden={isMissing} onLoad={show} onError={() => setIsMissing(true)} />
  );
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
