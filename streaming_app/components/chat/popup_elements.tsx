// The behaviour of menus, panels and confirm dialogs: focus, keys, and what closes them.

import { type KeyboardEvent, type MouseEvent, type ReactNode, useLayoutEffect, useRef } from "react";

type Props = { anchor: string; onClose: () => void; children: ReactNode };

/**
 * A menu that opens beside a button; on a phone it is a sheet at the bottom of the screen (popup.css). Arrow keys move among
 * the items. A choice, Escape, Tab or a press elsewhere calls `onClose`. `anchor` is the selector of the button. The child
 * is an element with the role menu.
 */
export function Menu({ anchor, onClose, ...props }: Props) {
  const popover = useRef<HTMLDivElement>(null);
  const items = () => [...(popover.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  useLayoutEffect(() => {
    const source = document.querySelector<HTMLElement>(anchor) ?? undefined;
    popover.current?.showPopover({ source });
    return takeFocus(items()[0], source);
  }, []);
  useLayoutEffect(() => {
    const onPointerDown = ({ target }: PointerEvent) => (target as Element).closest("[role=menu]") || onClose();
    document.addEventListener("pointerdown", onPointerDown, true);
    return () => document.removeEventListener("pointerdown", onPointerDown, true);
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    const index = next[event.key as keyof typeof next];
    if (index !== undefined) all.at(index % all.length)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onClick = ({ target }: MouseEvent) => (target as Element).closest("[role^=menuitem]") && onClose();
  // biome-ignore lint/a11y/noStaticElementInteractions: the events come from the element with the role menu inside
  return <div {...props} popover="manual" ref={popover} onKeyDown={onKeyDown} onClick={onClick} />;
}

/** Focuses `element`, as a `ref` or in an effect. The returned function gives the focus back, or to `otherwise` if nothing had it before. */
export function takeFocus(element: HTMLElement | null, otherwise?: HTMLElement) {
  const before = document.activeElement as HTMLElement | null;
  element?.focus();
  return () => (before === document.body ? otherwise : before)?.focus();
}

/** Shows a modal dialog, as a `ref`. The browser gives the focus back when a dialog is closed, but not when it is removed. */
export function showModal(dialog: HTMLDialogElement) {
  dialog.showModal();
  return () => dialog.close();
}
