// The list of messages. It follows the newest one until the viewer scrolls away.

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
import type { UiState } from "./browser_state.ts";
import type { Row, ShownLine } from "./describe_line.ts";
import { useLongPress } from "./long_press.ts";
import { ShownLines } from "./shown_lines.ts";

const STEP = 75; // lines that are rendered while the list follows, and then added each time the viewer reaches the first one
const NEAR_BOTTOM_PX = 48;
const FLASH = [{ background: "var(--tide-tint)" }, { background: "var(--tide-tint)", offset: 0.4 }, {}];
const FLASH_MS = 1600;

type Props = {
  lines: readonly Row[];
  describe: (line: Row) => ShownLine;
  label: string;
  jump?: UiState["jump"];
  isHeld?: boolean; // keep the scroll position when new lines arrive
  hasTimes: boolean;
  onMenu?: (id: string) => void;
  onJump?: (id: string) => void;
  onReading?: (isReading: boolean) => void; // true when the list does not follow
  children: ReactNode;
};

/**
 * Provides the rendered lines to its children by `useShownLines`. A child renders an element with the class chat__row and
 * the line's id as data-message. Arrow keys move among the messages; Enter or a long press calls `onMenu` with the id.
 */
export function MessageList(props: Props) {
  const { lines, describe, label, jump, isHeld, hasTimes, onMenu, onJump, onReading, children } = props;
  const log = useRef<HTMLDivElement>(null);
  const start = useRef(""); // id of the first rendered line
  const target = useRef(""); // id of the line to scroll to
  const place = useRef<{ top: number; row?: HTMLElement; offset: number }>({ top: 0, offset: 0 }); // the first visible row
  const [isFollowing, setFollowing] = useState(true);
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const follows = isFollowing && !isHeld;
  const startAt = (index: number) => {
    start.current = lines[Math.max(0, index)]?.id ?? "";
  };
  if (follows) startAt(lines.length - STEP);
  const first = Math.max(
    0,
    lines.findIndex(({ id }) => id === start.current),
  );

  const rows = () => [...(log.current?.querySelectorAll<HTMLElement>(":scope > .chat__row") ?? [])];
  const notePlace = (box: HTMLElement) => {
    const row = rows().find((element) => element.offsetTop + element.offsetHeight > box.scrollTop);
    place.current = { top: box.scrollTop, row, offset: (row?.offsetTop ?? 0) - box.scrollTop };
  };

  useEffect(() => onReading?.(!follows), [follows]);
  useLayoutEffect(() => {
    const box = log.current;
    if (!box) return;
    const { row, offset } = place.current;
    const wanted = target.current && rows().find(({ dataset }) => dataset.message === target.current);
    if (wanted) {
      target.current = "";
      box.scrollTop = wanted.offsetTop - (box.clientHeight - wanted.offsetHeight) / 2;
      if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) wanted.animate(FLASH, FLASH_MS);
    } else if (follows) {
      box.scrollTop = box.scrollHeight;
    } else if (row?.isConnected) {
      box.scrollTop = row.offsetTop - offset;
    }
    notePlace(box);
    if (follows || first === 0 || box.scrollTop > box.clientHeight) return;
    startAt(first - STEP);
    drawAgain();
  });
  useEffect(() => {
    if (!jump) return;
    if (!jump.id) return setFollowing(true);
    const index = lines.findIndex(({ id }) => id === jump.id);
    if (index < 0) return;
    startAt(Math.min(first, index - STEP));
    target.current = jump.id;
    setFollowing(false);
    drawAgain();
  }, [jump]);
  useEffect(() => {
    const observer = new ResizeObserver(drawAgain);
    observer.observe(log.current as HTMLDivElement);
    return () => observer.disconnect();
  }, []);

  const onScroll = () => {
    const box = log.current as HTMLDivElement;
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    const moved = box.scrollTop - place.current.top;
    if (moved < 0 && left > 1) setFollowing(false);
    else if (moved > 0 && left < NEAR_BOTTOM_PX) setFollowing(true);
    notePlace(box);
    if (box.scrollTop < box.clientHeight) drawAgain();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
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
      onMenu?.(focused.dataset.message ?? "");
    } else return;
    event.preventDefault();
  };
  const onClick = ({ target: clicked }: MouseEvent) => {
    const button = (clicked as Element).closest<HTMLElement>("button");
    const id = button?.closest<HTMLElement>(".chat__row")?.dataset.message;
    if (button?.dataset.jump) onJump?.(button.dataset.jump);
    else if (id) onMenu?.(id);
  };
  const press = useLongPress((row) => onMenu?.(row.dataset.message ?? ""), ".chat__row");

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
      <ShownLines value={lines.slice(first).map(describe)}>{children}</ShownLines>
    </div>
  );
}
