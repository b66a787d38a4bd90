// The chat overlay for an encoder's browser source: the newest lines, without background and controls.

import type { ReactNode } from "react";
import { useNow } from "../clock.tsx";
import { useFeedPart } from "../feed/feed_client.ts";
import { ShownLines, useDescribe } from "./shown_lines.ts";

const SHOWN_MAX = 40;
const FADE_MS = 1000; // as in overlay.css
const SIZE_PX = { min: 10, usual: 24, max: 96 };

/**
 * Provides the visible lines, and the attributes of the element around them, to its children by `useShownLines`. `leaving` is
 * true while a line fades out. The page's URL may have `size` in pixels, and `fade`, the seconds after which a line fades;
 * without it, lines stay.
 */
export function StreamOverlay({ path, channel, children }: { path: string; channel: string; children: ReactNode }) {
  const { messages, emotesNews } = useFeedPart(path, (feed) => feed);
  const describe = useDescribe(channel, emotesNews);
  const query = new URLSearchParams(window.location.search);
  const size = Number.parseFloat(query.get("size") ?? "") || SIZE_PX.usual;
  const fadeMs = Math.max(0, Number.parseFloat(query.get("fade") ?? "") * 1000) || Infinity;
  useNow(fadeMs < Infinity ? Infinity : 0); // renders again each second while lines may fade
  const lines = messages.slice(-SHOWN_MAX).flatMap((line) => {
    const age = Date.now() - Date.parse(line.at ?? "");
    return line.text && age < fadeMs + FADE_MS ? [{ ...describe(line), leaving: age >= fadeMs || undefined }] : [];
  });
  const log = { style: { fontSize: Math.min(SIZE_PX.max, Math.max(SIZE_PX.min, size)) } };
  return <ShownLines value={{ lines, log }}>{children}</ShownLines>;
}
