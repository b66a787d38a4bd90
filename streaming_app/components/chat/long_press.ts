// Detects a long press on a touch screen, because iOS sends no contextmenu event for it.

import { type MouseEvent, type PointerEvent, useRef } from "react";

const PRESS_MS = 450;

/** Event handlers for an element. `onPress` receives the pressed descendant that matches `selector`. */
export function useLongPress(onPress: (element: HTMLElement) => void, selector: string) {
  const press = useRef({ timer: 0, isLong: false });
  const end = () => clearTimeout(press.current.timer);
  const onPointerDown = ({ pointerType, target }: PointerEvent) => {
    end();
    press.current.isLong = false;
    const element = (target as Element).closest<HTMLElement>(selector);
    if (pointerType !== "touch" || !element) return;
    press.current.timer = window.setTimeout(() => {
      press.current.isLong = true;
      onPress(element);
    }, PRESS_MS);
  };
  const onClickCapture = (event: MouseEvent) => {
    if (!press.current.isLong) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onContextMenu = (event: MouseEvent) =>
    (event.nativeEvent as globalThis.PointerEvent).pointerType === "touch" && event.preventDefault();
  return { onPointerDown, onPointerUp: end, onPointerCancel: end, onClickCapture, onContextMenu }; // scrolling cancels the pointer
}
