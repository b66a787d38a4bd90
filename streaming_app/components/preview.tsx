// The newest preview image of a stream.

import { useState } from "react";
import { useNow } from "./clock.tsx";

const RENEW_MS = 10000;
const RETRY_MS = 3000; // each retry aborts the one before, so a slow network needs a longer pause

/** Shows the image at `src` and reloads it as it changes; shows nothing while there is none. */
export function Preview({ src }: { src: string }) {
  const now = useNow();
  const [isMissing, setIsMissing] = useState(true);
  if (!src || !now) return null;
  const url = `${window.frontDoor(src)}?t=${Math.floor(now / (isMissing ? RETRY_MS : RENEW_MS))}`;
  const show = () => setIsMissing(false);
  return (
    <img className="preview" src={url} alt="" hidden={isMissing} onLoad={show} onError={() => setIsMissing(true)} />
  );
}
