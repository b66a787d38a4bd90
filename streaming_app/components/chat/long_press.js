// A finger that stays where it is, for phones whose browsers tell of none.

import { useRef } from "react";

const PRESS_MS = 450;
const MOVED_PX = 10;
const CLICK_MS = 100;

/** Handlers for an element; `onPress` is called with what of it matches `selector`. */
export function useLongPress(onPress, selector) {
  const press = useRef({});
  const end = () => clearTimeout(press.current.timer);
  return {
    onPointerDown: ({ pointerType, target, clientX, clientY }) => {
      end();
      const element = target.closest(selector);
      if (pointerType !== "touch" || !element) return;
      press.current = { clientX, clientY, timer: setTimeout(() => (swallowClick(), onPress(element)), PRESS_MS) };
    },
    onPointerMove: ({ clientX, clientY }) => {
      if (Math.hypot(clientX - press.current.clientX, clientY - press.current.clientY) > MOVED_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    onContextMenu: (event) => event.nativeEvent.pointerType === "touch" && event.preventDefault(),
  };
}

/** The finger that is lifted must not choose from what has opened under it. */
function swallowClick() {
  const leaving = new AbortController();
  const until = { capture: true, signal: leaving.signal };
  const end = () => setTimeout(() => leaving.abort(), CLICK_MS);
  const swallow = (event) => (event.preventDefault(), event.stopPropagation());
  window.addEventListener("click", swallow, until);
  for (const lifted of ["pointerup", "pointercancel"]) window.addEventListener(lifted, end, until);
  window.addEventListener("pointerdown", () => leaving.abort(), until); // another finger, another click
}
