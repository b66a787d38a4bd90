// A panel over the messages, closed by its button or Escape. The focus moves into it and returns afterwards.

import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";

export function Panel({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    panel.current?.focus();
    return () => {
      if (before?.isConnected) before.focus();
    };
  }, []);
  return (
    <section
      className="panel-over"
      aria-label={title}
      ref={panel}
      tabIndex={-1}
      onKeyDown={({ key }) => key === "Escape" && onClose()}
    >
      <header className="panel-over__head">
        <h3>{title}</h3>
        <button type="button" className="btn btn--icon btn--sm" aria-label="Close" onClick={onClose}>
          <X aria-hidden />
        </button>
      </header>
      {children}
    </section>
  );
}
