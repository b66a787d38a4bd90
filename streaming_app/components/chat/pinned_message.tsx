// The message pinned above the chat. It shows two lines; a longer one can be expanded.

import { ChevronDown, ChevronUp, Pin, PinOff } from "lucide-react";
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import { useFeed } from "../feed/feed_client.ts";
import { useEmoji, useEmotes } from "./emoji.ts";
import { Name, Parts } from "./row.tsx";
import { partsOf } from "./text.ts";

type Props = { path: string; channel: string; me: string; canUnpin: boolean; onUnpin: (id: string) => void };

/** What is pinned in the channel whose feed is at `path`; `onUnpin` gets the id of the message. */
export function PinnedMessage({ path, channel, me, canUnpin, onUnpin }: Props) {
  const { pinned, emotesNews } = useFeed(path);
  const emotes = useEmotes(channel, pinned ? emotesNews : 0);
  const emoji = useEmoji();
  const [isOpen, setOpen] = useState(false);
  const [isCut, setCut] = useState(false);
  const text = useRef<HTMLDivElement>(null);
  const { parts } = useMemo(() => partsOf(pinned?.text ?? "", { emotes, emoji }), [pinned, emotes, emoji]);
  useLayoutEffect(() => {
    const element = text.current;
    if (isOpen || !element) return undefined;
    const measure = () => setCut(element.scrollHeight > element.clientHeight + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [isOpen, parts]);

  if (!pinned) return null;
  const Chevron = isOpen ? ChevronUp : ChevronDown;
  const toggle = isOpen ? "Collapse pinned message" : "Expand pinned message";
  return (
    <section className="pin" aria-label="Pinned message" data-open={isOpen}>
      <Pin className="pin__icon" aria-hidden />
      {/* biome-ignore lint/a11y/useSemanticElements: no group of form fields */}
      <div
        className="pin__text"
        ref={text}
        tabIndex={isOpen ? 0 : undefined}
        role="group"
        aria-label="Text of the pinned message"
      >
        <Name name={pinned.name} />
        <span className="chat__text">
          <Parts parts={parts} me={me} />
        </span>
      </div>
      {canUnpin && (
        <button
          type="button"
          className="btn btn--icon btn--sm"
          aria-label="Unpin"
          title="Unpin"
          onClick={() => onUnpin(pinned.id)}
        >
          <PinOff aria-hidden />
        </button>
      )}
      {(isCut || isOpen) && (
        <button
          type="button"
          className="btn btn--icon btn--sm"
          aria-expanded={isOpen}
          aria-label={toggle}
          onClick={() => setOpen(!isOpen)}
        >
          <Chevron aria-hidden />
        </button>
      )}
    </section>
  );
}
