// The list of messages. It draws the lines that fit, keeps the newest in sight until the reader scrolls away, and lets
// keys move among them.

import { createElement as h, useEffect, useLayoutEffect, useReducer, useRef, useState } from "react";
import { GUESS_PX, offsetOf, span, tail } from "./extent.js";
import { useLongPress } from "./long_press.js";

const NEAR_BOTTOM_PX = 48;
const BEYOND_PX = 300; // drawn above and below what is in sight
const FLASH_MS = 1800;

/**
 * `row` makes the element of a line, with its id as key. `jump` is {id}, new each time a line is to be shown; without an
 * id the end is. `isHeld` keeps the lines where they are, though the reader follows.
 */
export function Log({ lines, row, label, hint, jump, isHeld, live, onMenu, onReading, className = "" }) {
  const log = useRef(null);
  const heights = useRef(new Map());
  const place = useRef({ top: 0, height: 600, anchor: null, target: "" });
  const [isFollowing, setFollowing] = useState(true);
  const [, drawAgain] = useReducer((count) => count + 1, 0);
  const follows = isFollowing && !isHeld;
  const heightOf = (line) => heights.current.get(line.id) ?? GUESS_PX;
  const { top, height } = place.current;
  const { first, end, above, below } = follows
    ? tail(lines, heightOf, height + BEYOND_PX)
    : span(lines, heightOf, top - BEYOND_PX, top + height + BEYOND_PX);

  useEffect(() => onReading?.(!follows), [follows]);
  useLayoutEffect(() => {
    const box = log.current;
    for (const element of rowsOf(box)) heights.current.set(element.dataset.message, element.offsetHeight);
    const { anchor, target } = place.current;
    const wanted = target && rowOf(box, target);
    if (wanted) {
      place.current.target = "";
      box.scrollTop = wanted.offsetTop - (box.clientHeight - wanted.offsetHeight) / 2;
      flash(wanted);
    } else if (follows) {
      box.scrollTop = box.scrollHeight;
    } else if (anchor) {
      box.scrollTop += (rowOf(box, anchor.id)?.offsetTop ?? anchor.offset) - anchor.offset;
    }
    notePlace(box);
  });
  useEffect(() => {
    if (!jump) return;
    if (!jump.id) return setFollowing(true);
    const index = lines.findIndex(({ id }) => id === jump.id);
    if (index < 0) return;
    place.current.target = jump.id;
    place.current.top = offsetOf(lines, heightOf, index) - place.current.height / 2;
    setFollowing(false);
    drawAgain();
  }, [jump]);
  useLayoutEffect(() => {
    const box = log.current; // until it is gone: the observer may still have something to say then
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
    const ids = new Set(lines.map(({ id }) => id));
    for (const id of heights.current.keys()) if (!ids.has(id)) heights.current.delete(id);
  }, [lines]);

  function notePlace(box) {
    const inSight = rowsOf(box).find((element) => element.offsetTop + element.offsetHeight > box.scrollTop);
    place.current.anchor = inSight ? { id: inSight.dataset.message, offset: inSight.offsetTop } : null;
    place.current.top = box.scrollTop;
  }
  function onScroll() {
    const box = log.current;
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    const moved = box.scrollTop - place.current.top;
    if (moved < 0 && left > 1) setFollowing(false);
    else if (moved > 0 && left < NEAR_BOTTOM_PX && end === lines.length) setFollowing(true);
    notePlace(box);
    if (!follows) drawAgain();
  }
  function onKeyDown(event) {
    if (event.target !== log.current && !event.target.matches(".chat__row")) return;
    const rows = rowsOf(log.current);
    const at = rows.indexOf(event.target);
    const steps = { ArrowUp: at < 0 ? rows.length - 1 : at - 1, ArrowDown: at < 0 ? -1 : at + 1 };
    const next = rows[steps[event.key]];
    if (event.key in steps) {
      if (next) {
        setFollowing(false);
        next.focus({ preventScroll: true });
        next.scrollIntoView({ block: "nearest" });
      }
    } else if (event.key === "End" || (event.key === "Escape" && at >= 0)) {
      log.current.focus();
      setFollowing(true);
    } else if (at >= 0 && (event.key === "Enter" || event.key === "ContextMenu")) {
      onMenu?.(event.target.dataset.message, event.target);
    } else return;
    event.preventDefault();
  }
  const press = useLongPress((element) => onMenu?.(element.dataset.message, element), ".chat__row");

  return h(
    "div",
    {
      className: `chat__log ${className}`.trim(), ref: log, tabIndex: 0, role: "log", "aria-live": live ?? "off", "aria-label": label,
      "aria-description": hint, "data-following": follows, onScroll, onKeyDown, ...press,
    },
    h("div", { style: { height: above } }),
    lines.slice(first, end).map(row),
    h("div", { style: { height: below } }),
  );
}

function flash(element) {
  element.setAttribute("data-flash", "");
  setTimeout(() => element.removeAttribute("data-flash"), FLASH_MS);
}

function rowsOf(box) {
  return [...box.querySelectorAll(":scope > .chat__row")];
}

function rowOf(box, id) {
  return rowsOf(box).find((element) => element.dataset.message === id);
}
