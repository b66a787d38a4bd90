// A panel over the messages. The focus moves into it and returns afterwards; Escape closes it.

import { type ReactNode, useEffect, useRef } from "react";

export function Panel({ label, onClose, children }: { label: string; onClose: () => void; children: ReactNode }) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    panel.current?.focus();
    return () => {
      if (before?.isConnected) before.focus();
    };
  }, []);
  const onKeyDown = ({ key }: { key: string }) => key === "Escape" && onClose();
  return (
    <section className="panel-over" aria-label={label} ref={panel} tabIndex={-1} onKeyDown={onKeyDown}>
      {children}
    </section>
  );
}
