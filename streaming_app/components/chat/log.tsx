// The list of messages. It renders the visible lines and follows the newest one until the viewer scrolls away.

import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useReducer,
  useRef,
  useState,
} from "react";
import type { Chosen } from "./chosen.ts";
import type { ShownLine } from "./describe_line.ts";
import { useLongPress } from "./long_press.ts";
import { ShownLines } from "./shown_lines.ts";
import type { Row } from "./types.ts";
import { ESTIMATE_PX, heightOfAll, tailRange, visibleRange } from "./virtual_range.ts";

const NEAR_BOTTOM_PX = 48;
const OVERSCAN_PX = 300; // rendered above and below the visible area
const FLASH_MS = 1800;

type Props = {
  lines: readonly Row[];
  describe: (line: Row) => ShownLine;
  label: string;
  jump?: Chosen["jump"];
  isHeld?: boolean; // keep the scroll position when new lines arrive
  hasTimes: boolean;
  onMenu?: (id: string) => void;
  onJump?: (id: string) => void;
  onReading?: (isReading: boolean) => void; // true when the list does not follow
  children: ReactNode;
};

/**
 * Provides the visible lines to its children by `useShownLines`. A child renders an element with the class chat__row and
 * the line's id as data-message. Arrow keys move among the messages; Enter or a long press calls `onMenu` with the id.
 */
export function Log({ lines, describe, label, jump, isHeld, hasTimes, onMenu, onJump, onReading, children }: Props) {
  const log = useRef<HTMLDivElement>(null);
  const heights = useRef(new Map<string, number>());
  const place = useRef({ top: 0, height: 600, anchor: { id: "", offset: 0 }, target: "" });
  const [isFollowing, setFollowing] = useState(true);
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const follows = isFollowing && !isHeld;
  const heightOf = ({ id }: Row) => heights.current.get(id) ?? ESTIMATE_PX;
  const { top, height } = place.current;
  const { first, end, above, below } = follows
    ? tailRange(lines, heightOf, height + OVERSCAN_PX)
    : visibleRange(lines, heightOf, top - OVERSCAN_PX, top + height + OVERSCAN_PX);

  const rows = () => [...(log.current?.querySelectorAll<HTMLElement>(":scope > .chat__row") ?? [])];
  const rowOf = (id: string) => rows().find(({ dataset }) => dataset.message === id);
  const notePlace = (box: HTMLElement) => {
    const inSight = rows().find((element) => element.offsetTop + element.offsetHeight > box.scrollTop);
    place.current.anchor = { id: inSight?.dataset.message ?? "", offset: inSight?.offsetTop ?? 0 };
    place.current.top = box.scrollTop;
  };

  useEffect(() => onReading?.(!follows), [follows]);
  useLayoutEffect(() => {
    const box = log.current;
    if (!box) return;
    for (const element of rows()) heights.current.set(element.dataset.message ?? "", element.offsetHeight);
    const { anchor, target } = place.current;
    const wanted = target && rowOf(target);
    if (wanted) {
      place.current.target = "";
      box.scrollTop = wanted.offsetTop - (box.clientHeight - wanted.offsetHeight) / 2;
      wanted.dataset.flash = "";
      setTimeout(() => delete wanted.dataset.flash, FLASH_MS);
    } else if (follows) {
      box.scrollTop = box.scrollHeight;
    } else {
      box.scrollTop += (rowOf(anchor.id)?.offsetTop ?? anchor.offset) - anchor.offset;
    }
    notePlace(box);
  });
  useEffect(() => {
    if (!jump) return;
    if (!jump.id) return setFollowing(true);
    const index = lines.findIndex(({ id }) => id === jump.id);
    if (index < 0) return;
    place.current.target = jump.id;
    place.current.top = heightOfAll(lines.slice(0, index), heightOf) - place.current.height / 2;
    setFollowing(false);
    drawAgain();
  }, [jump]);
  useLayoutEffect(() => {
    const box = log.current;
    if (!box) return undefined;
    let width = box.clientWidth;
    const observer = new ResizeObserver(() => {
      if (box.clientWidth !== width) heights.current.clear();
      width = box.clientWidth;
      place.current.height = box.clientHeight;
      drawAgain();
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (heights.current.size < 2 * lines.length + 1000) return;
    heights.current = new Map(lines.map((line) => [line.id, heightOf(line)]));
  }, [lines]);

  const onScroll = () => {
    const box = log.current as HTMLDivElement;
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    const moved = box.scrollTop - place.current.top;
    if (moved < 0 && left > 1) setFollowing(false);
    else if (moved > 0 && left < NEAR_BOTTOM_PX && end === lines.length) setFollowing(true);
    notePlace(box);
    if (!follows) drawAgain();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const { key } = event;
    const all = rows();
    const focused = event.target as HTMLElement;
    const at = all.indexOf(focused);
    if (at < 0 && focused !== log.current) return;
    if (key === "ArrowUp" || key === "ArrowDown") {
      const next = all[key === "ArrowDown" ? (at < 0 ? all.length : at + 1) : at < 0 ? all.length - 1 : at - 1];
      if (next) setFollowing(false);
      next?.focus({ preventScroll: true });
      next?.scrollIntoView({ block: "nearest" });
    } else if (key === "End" || (key === "Escape" && at >= 0)) {
      log.current?.focus();
      setFollowing(true);
    } else if (at >= 0 && (key === "Enter" || key === "ContextMenu")) {
      onMenu?.(focused.dataset.message ?? "");
    } else return;
    event.preventDefault();
  };
  const onClick = ({ target }: MouseEvent) => {
    const button = (target as Element).closest<HTMLElement>("button");
    const id = button?.closest<HTMLElement>(".chat__row")?.dataset.message;
    if (button?.dataset.jump) onJump?.(button.dataset.jump);
    else if (id) onMenu?.(id);
  };
  const press = useLongPress((element) => onMenu?.(element.dataset.message ?? ""), ".chat__row");

  return (
    <div
      className={`chat__log ${hasTimes ? "chat__log--times" : ""}`}
      ref={log}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the list scrolls, and keys move among its messages
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={label}
      data-following={follows}
      onScroll={onScroll}
      onClick={onClick}
      onKeyDown={onKeyDown}
      {...press}
      aria-description={onMenu && "Use the arrow keys to move between messages and Enter to open a message's menu."}
    >
      <div style={{ height: above }} />
      <ShownLines value={lines.slice(first, end).map(describe)}>{children}</ShownLines>
      <div style={{ height: below }} />
    </div>
  );
}
