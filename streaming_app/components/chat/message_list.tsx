// The list of messages. It follows the newest one until the viewer scrolls away.

import type * as React from "react";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useLongPress } from "use-long-press";
import { useFeedPart } from "../feed/feed_client.ts";
import { setUiState, useUiState } from "./browser_state.ts";
import type { Row, ShownLine } from "./describe_line.ts";
import { ShownLines } from "./shown_lines.ts";

const STEP = 75; // lines that are rendered while the list follows, and then added each time the viewer reaches the first one
const NEAR_BOTTOM_PX = 48;
const FLASH = [{ background: "var(--tide-tint)" }, { background: "var(--tide-tint)", offset: 0.4 }, {}];
const FLASH_MS = 1600;

type Props = {
  lines: readonly Row[];
  describe: (line: Row) => ShownLine;
  path?: string; // URL path of the feed that the lines come from; empty for a recorded chat, which has no menus
  phase?: string; // of a recorded chat
  children: React.ReactNode;
};

/**
 * Provides the fields of ShownList in chat_row.py to its children by `useShownLines`. They render the list, and for each line
 * an element with the class chat__row and the line's id as data-message. Arrow keys move among the messages; Enter or a long
 * press opens the menu of a message.
 */
export function MessageList({ lines, describe, path = "", phase, children }: Props) {
  const arrived = useFeedPart(path, (feed) => feed.arrived);
  const { opened, question } = useUiState();
  const log = useRef<HTMLDivElement>(null);
  const start = useRef(""); // id of the first rendered line
  const place = useRef<{ top: number; row?: HTMLElement; offset: number }>({ top: 0, offset: 0 }); // the first visible row
  const read = useRef(0); // the value of `arrived` when the viewer last saw the newest message
  const [isFollowing, setFollowing] = useState(true);
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const isHeld = opened !== null || question !== null; // keeps the scroll position when new lines arrive
  const follows = isFollowing && !isHeld;
  const indexOf = (id = "") => lines.findIndex((line) => line.id === id);
  const startAt = (index: number) => {
    start.current = lines[Math.max(0, index)]?.id ?? "";
  };
  if (follows) {
    read.current = arrived;
    startAt(lines.length - STEP);
  }
  const missed = arrived - read.current;
  const first = Math.max(0, indexOf(start.current));

  const rows = () => [...(log.current?.children ?? [])] as HTMLElement[];
  const notePlace = (box: HTMLElement) => {
    const row = rows().find((element) => element.offsetTop + element.offsetHeight > box.scrollTop);
    place.current = { top: box.scrollTop, row, offset: (row?.offsetTop ?? 0) - box.scrollTop };
  };
  const leftBelow = (box: HTMLElement) => box.scrollHeight - box.scrollTop - box.clientHeight;
  const hasScrolledUp = (box: HTMLElement) => box.scrollTop < place.current.top && leftBelow(box) > 1;
  const jumpTo = (id: string) => {
    const index = indexOf(id);
    if (index < 0) return;
    startAt(Math.min(first, index - STEP));
    setFollowing(false);
    flushSync(drawAgain);
    const box = log.current as HTMLDivElement;
    const row = rows().find(({ dataset }) => dataset.message === id);
    if (!row) return;
    box.scrollTop = row.offsetTop - (box.clientHeight - row.offsetHeight) / 2;
    notePlace(box);
    if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) row.animate(FLASH, FLASH_MS);
  };
  useLayoutEffect(() => {
    const box = log.current as HTMLDivElement;
    if (follows && hasScrolledUp(box)) return; // its scroll event comes next
    const { row, offset } = place.current;
    if (follows) box.scrollTop = box.scrollHeight;
    else if (row?.isConnected) box.scrollTop = row.offsetTop - offset;
    notePlace(box);
    if (follows || first === 0 || box.scrollTop > box.clientHeight) return;
    startAt(first - STEP);
    drawAgain();
  });
  useEffect(() => {
    const observer = new ResizeObserver(drawAgain);
    observer.observe(log.current as HTMLDivElement);
    return () => observer.disconnect();
  }, []);

  const onScroll = () => {
    const box = log.current as HTMLDivElement;
    if (hasScrolledUp(box)) setFollowing(false);
    else if (box.scrollTop > place.current.top && leftBelow(box) < NEAR_BOTTOM_PX) setFollowing(true);
    notePlace(box);
    if (box.scrollTop < box.clientHeight) drawAgain();
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>) => {
    const { key } = event;
    const all = rows();
    const focused = event.target as HTMLElement;
    const at = all.indexOf(focused);
    if (at < 0 && focused !== log.current) return;
    if (key === "ArrowUp" || key === "ArrowDown") {
      const next = all[(at < 0 ? all.length : at) + (key === "ArrowDown" ? 1 : -1)];
      if (next) setFollowing(false);
      next?.focus({ preventScroll: true });
      next?.scrollIntoView({ block: "nearest" });
    } else if (key === "End" || (key === "Escape" && at >= 0)) {
      log.current?.focus();
      setFollowing(true);
    } else if (at >= 0 && (key === "Enter" || key === "ContextMenu")) {
      openMenu(focused);
    } else return;
    event.preventDefault();
  };
  const openMenu = (element: Element) => {
    const line = lines[indexOf(element.closest<HTMLElement>(".chat__row")?.dataset.message)];
    if (path && line?.text) setUiState({ opened: line });
  };
  const onClick = ({ target }: React.MouseEvent) => {
    const button = (target as Element).closest<HTMLElement>("button");
    if (button?.dataset.jump) jumpTo(button.dataset.jump);
    else if (button) openMenu(button);
  };
  const options = { filterEvents: isTouch, cancelOnMovement: true };
  const press = useLongPress(({ target }) => openMenu(target as Element), options);

  const list = {
    phase,
    lines: lines.slice(first).map(describe),
    follows,
    more: missed > 0 && `${missed.toLocaleString()} new ${missed === 1 ? "message" : "messages"} ↓`,
    button: { onClick: () => setFollowing(true) },
    log: {
      ref: log,
      onScroll,
      onClick,
      onKeyDown,
      ...press(),
      // Lifting the finger of a long press clicks nothing.
      onTouchEnd: (event: React.TouchEvent) => isHeld && event.preventDefault(),
      onContextMenu: (event: React.MouseEvent) => isTouch(event) && event.preventDefault(),
    },
  };
  return <ShownLines value={list}>{children}</ShownLines>;
}

const isTouch = ({ nativeEvent }: { nativeEvent: Event }) => (nativeEvent as PointerEvent).pointerType === "touch";
