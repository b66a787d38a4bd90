// The message pinned above the chat, and whether its text is cut off. Its elements are in pinned_message.py.

import { type ReactNode, useEffect, useRef } from "react";
import { useFeed } from "../feed/feed_client.ts";
import { setUiState, useUiState } from "./browser_state.ts";
import type { ShownLine } from "./describe_line.ts";
import { useDescribe } from "./shown_lines.ts";

/** The pinned message of the channel whose feed is at `path`, for the viewer `me`; null if there is none. */
export function usePinned(path: string, channel: string, me: string): ShownLine | null {
  const { pinned, emotesNews } = useFeed(path);
  const describe = useDescribe(channel, pinned ? emotesNews : 0, me);
  return pinned && describe(pinned);
}

/** Shows two lines of its children, or all of them when the viewer has expanded it. `text` is their text. */
export function ClampedText({ text, children }: { text: string; children: ReactNode }) {
  const { pin_is_open: isOpen } = useUiState();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current: element } = box;
    if (isOpen || !element) return undefined;
    const measure = () => setUiState({ pin_is_cut: element.scrollHeight > element.clientHeight + 1 });
    const observer = new ResizeObserver(measure); // it also measures at once
    observer.observe(element);
    return () => observer.disconnect();
  }, [isOpen, text]);
  const scrolls = isOpen ? { tabIndex: 0 } : {};
  return (
    // biome-ignore lint/a11y/useSemanticElements: no group of form fields
    <div className="pin__text" ref={box} role="group" aria-label="Text of the pinned message" {...scrolls}>
      {children}
    </div>
  );
}
