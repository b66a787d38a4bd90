// A menu that opens beside a button; on a phone it is a sheet at the bottom of the screen (popup.css).

import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from "react";

type Props = { anchor: string; label: string; onClose: () => void; children: ReactNode };

/**
 * Arrow keys move among the items. A choice, Escape, Tab or a press elsewhere calls `onClose`. `anchor` is the selector of
 * the button. The focus returns to the element that had it before.
 */
export function Menu({ anchor, label, onClose, children }: Props) {
  const popover = useRef<HTMLDivElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const focused = useRef<HTMLElement | null>(null);
  const wasPressed = useRef(false);
  const items = () => [...(menu.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];

  useLayoutEffect(() => {
    const source = document.querySelector<HTMLElement>(anchor);
    focused.current =
      document.activeElement === document.body ? source : (document.activeElement as HTMLElement | null);
    popover.current?.showPopover(source ? { source } : undefined);
    items()[0]?.focus();
  }, []);
  useEffect(() => {
    const onPointerDown = ({ target }: PointerEvent) => menu.current?.contains(target as Node) || onClose();
    document.addEventListener("pointerdown", onPointerDown, true);
    return () => document.removeEventListener("pointerdown", onPointerDown, true);
  }, [onClose]);

  const close = () => {
    if (focused.current?.isConnected) focused.current.focus();
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 }[
      event.key
    ];
    if (next !== undefined) all.at(next % all.length)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  /** Ignores the click when the finger of a long press is lifted. Clicks by keys have the detail 0. */
  const onClickCapture = (event: MouseEvent) => {
    if (event.detail && !wasPressed.current) event.stopPropagation();
  };
  const onClick = ({ target }: MouseEvent) => (target as Element).closest("[role^=menuitem]") && close();

  return (
    <div className="popup__veil" popover="manual" ref={popover}>
      <div
        className="popup"
        role="menu"
        aria-label={label}
        ref={menu}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onClickCapture={onClickCapture}
        onPointerDown={() => {
          wasPressed.current = true;
        }}
      >
        <div className="popup__title" aria-hidden>
          {label}
        </div>
        {children}
      </div>
    </div>
  );
}
