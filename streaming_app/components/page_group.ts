// The navigation of a group of pages, such as the settings.

/** Scrolls a navigation that is wider than the screen to the entry of the current page. Used as a `ref`. */
export function showCurrentEntry(nav: HTMLElement | null) {
  nav?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}
