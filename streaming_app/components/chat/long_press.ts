// Detects a long press on a touch screen, because iOS sends no contextmenu event for it.

import { type MouseEvent, type PointerEvent, useRef } from "react";

const PRESS_MS = 450;
const MOVED_PX = 10;

/** Event handlers for an element. `onPress` receives the pressed descendant that matches `selector`. */
export function useLongPress(onPress: (element: HTMLElement) => void, selector: string) {
  const press = useRef({ x: 0, y: 0, timer: 0, isLong: false });
  const end = () => clearTimeout(press.current.timer);
  return {
    onPointerDown: ({ pointerType, target, clientX: x, clientY: y }: PointerEvent) => {
      end();
      const element = (target as Element).closest<HTMLElement>(selector);
      press.current = { x, y, timer: 0, isLong: false };
      if (pointerType !== "touch" || !element) return;
      press.current.timer = window.setTimeout(() => {
        press.current.isLong = true;
        onPress(element);
      }, PRESS_MS);
    },
    onPointerMove: ({ clientX, clientY }: PointerEvent) => {
      if (Math.hypot(clientX - press.current.x, clientY - press.current.y) > MOVED_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
    onClickCapture: (event: MouseEvent) => {
      if (!press.current.isLong) return;
      event.preventDefault();
      event.stopPropagation();
    },
    onContextMenu: (event: MouseEvent) =>
      (event.nativeEvent as globalThis.PointerEvent).pointerType === "touch" && event.preventDefault(),
  };
}
