// A modal dialog that asks before an action that is hard to undo.

import { type FormEvent, type ReactNode, useEffect, useRef } from "react";

type Props = {
  label: string;
  onConfirm: (minutes: string, reason: string) => void;
  onClose: () => void;
  children: ReactNode;
};

/** `children` are the content of its form. Submitting it calls `onConfirm`; a reset button closes the dialog. */
export function ConfirmDialog({ label, onConfirm, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    onConfirm(String(given.get("minutes") ?? ""), String(given.get("reason") ?? "").trim());
    dialog.current?.close();
  };
  return (
    <dialog className="confirm-dialog" ref={dialog} aria-label={label} onClose={onClose} closedby="any">
      <form className="confirm-dialog__content" onSubmit={onSubmit} onReset={() => dialog.current?.close()}>
        {children}
      </form>
    </dialog>
  );
}
