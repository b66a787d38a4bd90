// The chat overlay for an encoder's browser source: the newest lines, without background and controls.

import { type ReactNode, useEffect, useMemo, useReducer } from "react";
import { useFeed } from "../feed/feed_client.ts";
import type { Line } from "../feed/feed_lines.ts";
import { ShownLines, useDescribe } from "./shown_lines.ts";

const SHOWN_MAX = 40;
const FADE_MS = 1000; // as in overlay.css
const SIZE_PX = { min: 10, usual: 24, max: 96 };
const FADE_MAX_SECONDS = 3600;

/** Provides the visible lines to its children by `useShownLines`. `leaving` is true while a line fades out. */
export function StreamOverlay({ path, channel, children }: { path: string; channel: string; children: ReactNode }) {
  const { messages, emotesNews } = useFeed(path);
  const describe = useDescribe(channel, emotesNews);
  const { size, fade } = useMemo(readQuery, []);
  const shown = useShown(messages, fade);
  useEffect(() => {
    document.documentElement.classList.add("overlaid");
    return () => document.documentElement.classList.remove("overlaid");
  }, []);
  const lines = shown.map((line) => ({ ...describe(line), leaving: ageOf(line) >= fade || undefined }));
  return (
    <div className="overlay" style={{ fontSize: size }}>
      <ShownLines value={lines}>{children}</ShownLines>
    </div>
  );
}

/** The visible messages. The component renders again when the next message starts or ends its fade. */
function useShown(messages: readonly Line[], fade: number): Line[] {
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const shown = messages.slice(-SHOWN_MAX).filter((message) => message.text && ageOf(message) < fade + FADE_MS);
  const next = Math.min(
    ...shown.flatMap((message) => [fade - ageOf(message), fade + FADE_MS - ageOf(message)]).filter((wait) => wait > 0),
  );
  useEffect(() => {
    if (next === Infinity) return undefined;
    const timer = setTimeout(drawAgain, next + 1);
    return () => clearTimeout(timer);
  });
  return shown;
}

/** The age of a line in milliseconds. */
function ageOf({ at }: Line): number {
  return Math.max(0, Date.now() - Date.parse(at ?? ""));
}

/** `size` in pixels, and `fade`, the ms after which a line fades. The URL has `fade` in seconds; without it, lines stay. */
function readQuery() {
  const query = new URLSearchParams(window.location.search);
  const size = Number.parseFloat(query.get("size") ?? "");
  const fade = Number.parseFloat(query.get("fade") ?? "");
  return {
    size: Math.min(SIZE_PX.max, Math.max(SIZE_PX.min, Number.isFinite(size) ? size : SIZE_PX.usual)),
    fade: fade > 0 ? Math.min(fade, FADE_MAX_SECONDS) * 1000 : Infinity,
  };
}
