// The navigation of a group of pages, such as the settings.

import { type ReactNode, useEffect, useRef } from "react";

/** On narrow screens the navigation scrolls sideways; it starts at the entry of the current page. */
export function PageGroup({ label, children }: { label: string; children: ReactNode }) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (!nav.current || !current) return;
    const margin = (nav.current.clientWidth - current.offsetWidth) / 2;
    nav.current.scrollLeft = current.offsetLeft - nav.current.offsetLeft - margin;
  }, []);
  return (
    <nav ref={nav} aria-label={label} className="settings__nav">
      {children}
    </nav>
  );
}
