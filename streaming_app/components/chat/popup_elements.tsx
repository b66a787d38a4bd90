// The behaviour of menus, panels and confirm dialogs: focus, keys, and what closes them.

import { type FormEvent, type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef } from "react";

type Props = { label: string; onClose: () => void; children: ReactNode };

/**
 * A menu that opens beside a button; on a phone it is a sheet at the bottom of the screen (popup.css). Arrow keys move among
 * the items. A choice, Escape, Tab or a press elsewhere calls `onClose`. `anchor` is the selector of the button.
 */
export function Menu({ anchor, label, onClose, children }: Props & { anchor: string }) {
  const popover = useRef<HTMLDivElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const wasPressed = useRef(false);
  const items = () => [...(menu.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];

  useFocus(() => {
    const source = document.querySelector<HTMLElement>(anchor);
    popover.current?.showPopover(source ? { source } : undefined);
    items()[0]?.focus();
    return source;
  });
  useEffect(() => {
    const onPointerDown = ({ target }: PointerEvent) => {
      wasPressed.current = menu.current?.contains(target as Node) ?? false;
      if (!wasPressed.current) onClose();
    };
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
  /** Ignores the click when the finger of a long press is lifted. Clicks by keys have the detail 0. */
  const onClickCapture = (event: MouseEvent) => {
    if (event.detail && !wasPressed.current) event.stopPropagation();
  };
  const handlers = { onKeyDown, onClick, onClickCapture };
  return (
    <div className="popup__veil" popover="manual" ref={popover}>
      <div className="popup" role="menu" aria-label={label} ref={menu} {...handlers}>
        <div className="popup__title" aria-hidden>
          {label}
        </div>
        {children}
      </div>
    </div>
  );
}

/** A panel over the messages. Escape closes it. */
export function Panel({ label, onClose, children }: Props) {
  const panel = useRef<HTMLElement>(null);
  useFocus(() => {
    panel.current?.focus();
    return null;
  });
  const onKeyDown = ({ key }: KeyboardEvent) => key === "Escape" && onClose();
  return (
    <section className="panel-over" aria-label={label} ref={panel} tabIndex={-1} onKeyDown={onKeyDown}>
      {children}
    </section>
  );
}

/** Calls `focus` when the component appears. Later the focus returns, or moves to the result of `focus` if nothing had it. */
function useFocus(focus: () => HTMLElement | null) {
  useEffect(() => {
    const { activeElement: before } = document;
    const otherwise = focus();
    return () => (before === document.body ? otherwise : (before as HTMLElement | null))?.focus();
  }, []);
}

type DialogProps = Props & { onConfirm: (minutes: string, reason: string) => void };

/** A modal dialog. Its children are the content of a form: submitting it calls `onConfirm`, a reset button closes it. */
export function ConfirmDialog({ label, onConfirm, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const onSubmit = ({ currentTarget }: FormEvent<HTMLFormElement>) => {
    const given = new FormData(currentTarget);
    onConfirm(String(given.get("minutes") ?? ""), String(given.get("reason") ?? "").trim());
  };
  const close = () => dialog.current?.close();
  return (
    <dialog className="confirm-dialog" ref={dialog} aria-label={label} onClose={onClose} closedby="any">
      <form className="confirm-dialog__content" method="dialog" onSubmit={onSubmit} onReset={close}>
        {children}
      </form>
    </dialog>
  );
}
