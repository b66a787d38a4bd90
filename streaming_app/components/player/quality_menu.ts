// The menu of a stream's qualities.

import type { MediaRenditionMenu } from "media-chrome/menu/media-rendition-menu";

/**
 * Keeps the menu open, and the focus on the same quality, when media-chrome creates its items again: when a quality is added,
 * or the size of the picture changes. The menu would close, because the item with the focus is gone.
 */
export function keepOpen(menu: MediaRenditionMenu) {
  const onFocusOut = (event: FocusEvent) => {
    if (!event.isTrusted || event.relatedTarget) return;
    const [item] = event.composedPath() as typeof menu.items;
    event.stopImmediatePropagation();
    queueMicrotask(() => {
      if (item.isConnected) menu.dispatchEvent(new FocusEvent("focusout"));
      else if (!menu.hidden) (menu.items.find(({ value }) => value === item.value) ?? menu.items[0]).focus();
    });
  };
  menu.addEventListener("focusout", onFocusOut, { capture: true });
}
