// The base of the players of live streams and recordings: keys, buttons and panels. Python renders the elements.

import "media-chrome/media-controller";
import "media-chrome/media-control-bar";
import "media-chrome/media-play-button";
import "media-chrome/media-mute-button";
import "media-chrome/media-volume-range";
import "media-chrome/media-loading-indicator";
import "media-chrome/media-pip-button";
import "media-chrome/media-fullscreen-button";
// The menus create this element, but do not import it.
import "media-chrome/dist/menu/media-chrome-menu-item";
import type { HlsVideo } from "./hls_video.ts";

export const SEEK_SECONDS = 5;
const VOLUME_STEP = 0.05;
const SETTING = "player-character-keys";

export class PlayerControls<Video extends HlsVideo> {
  readonly video: Video;
  /** The actions of keys, by key name, and of buttons, by `data-action`. */
  actions: Record<string, () => unknown>;
  private readonly keySwitch: HTMLInputElement; // whether single-character shortcuts work; users of speech input disable them
  private readonly leaving = new AbortController();

  /** `tag` names the video element in `root`. */
  constructor(
    readonly root: HTMLElement,
    tag: string,
  ) {
    this.video = this.find<Video>(tag);
    // media-chrome makes the controller a tab stop that has no function. (With -1 its buttons would not be tab stops either.)
    this.find("media-controller").removeAttribute("tabindex");
    const press = (button: string) => () => this.find(button).click();
    this.actions = {
      " ": press("media-play-button"),
      k: press("media-play-button"),
      m: press("media-mute-button"),
      f: press("media-fullscreen-button"),
      i: press("media-pip-button"),
      ArrowUp: () => this.changeVolume(VOLUME_STEP),
      ArrowDown: () => this.changeVolume(-VOLUME_STEP),
      close: () => this.togglePanel(""),
      "?": () => this.togglePanel("?"),
    };
    this.listen(document, "keydown", (event) => this.onKey(event as KeyboardEvent));
    this.listen(root, "click", (event) => this.onClick(event.target as HTMLElement));
    this.keySwitch = this.find(".player__switch input");
    this.keySwitch.checked = storage()?.getItem(SETTING) !== "off";
    this.listen(this.keySwitch, "change", () => storage()?.setItem(SETTING, this.keySwitch.checked ? "on" : "off"));
  }

  find<E extends HTMLElement>(selector: string): E {
    return this.root.querySelector(selector) as E;
  }

  /** Listens until the player is destroyed; `types` are separated by spaces. */
  listen(target: EventTarget, types: string, listener: (event: Event) => void) {
    for (const type of types.split(" ")) target.addEventListener(type, listener, { signal: this.leaving.signal });
  }

  /** Shows or hides a panel, and hides the others. Focus in a hidden panel returns to the panel's button. */
  togglePanel(name: string) {
    for (const panel of this.root.querySelectorAll<HTMLElement>("[data-panel]")) {
      const button = this.find(`button[data-action="${panel.dataset.panel}"]`);
      const hadFocus = panel.contains(document.activeElement);
      panel.hidden = panel.dataset.panel !== name || !panel.hidden;
      button.setAttribute("aria-pressed", String(!panel.hidden));
      if (hadFocus && panel.hidden) button.focus();
    }
  }

  /** Names the video for screen readers, and for the device's lock screen and media keys. */
  describe(title: string, poster: string) {
    this.video.setAttribute("aria-label", title);
    if (!navigator.mediaSession || !title) return;
    const artwork = poster ? [{ src: window.frontDoor(poster), type: "image/jpeg" }] : [];
    navigator.mediaSession.metadata = new MediaMetadata({ title, artwork });
  }

  /** Loads the image that is shown before playback, if there is one. */
  showPoster(path: string) {
    const url = path && `url("${window.frontDoor(path)}?t=${Date.now()}")`; // the cached image may be older
    this.find(".player__poster").style.backgroundImage = url;
  }

  destroy() {
    this.leaving.abort();
  }

  private onClick(target: HTMLElement) {
    const button = target.closest<HTMLElement>("[data-action]");
    if (!button) return;
    this.actions[button.dataset.action ?? ""]?.();
    // A button that hides itself would lose the focus to the page, and with it the player's keys.
    if (!button.checkVisibility() && !this.root.contains(document.activeElement)) {
      this.video.focus({ preventScroll: true });
    }
  }

  private onKey(event: KeyboardEvent) {
    if (event.key === "Escape") this.togglePanel("");
    const action = event.key.length === 1 || event.key.startsWith("Arrow") ? this.actions[event.key] : null;
    if (!action || event.ctrlKey || event.metaKey || event.altKey || !this.takes(event)) return;
    event.preventDefault();
    action();
  }

  /** Returns whether a key is meant for the player. The page scrolls by Space and arrows unless the player has focus. */
  private takes({ key, target }: KeyboardEvent): boolean {
    const focused = target as HTMLElement;
    const isInside = this.root.contains(focused) || this.root.contains(document.fullscreenElement);
    const isCharacter = key.length === 1 && key !== " ";
    if (!isInside && !(isCharacter && (focused === document.body || focused.id === "main"))) return false;
    if (isCharacter && !this.keySwitch.checked && !(key === "?" && isInside)) return false;
    // Controls that use the key themselves.
    if (focused.closest("[role=menu]")) return false;
    if (key === " ") return !focused.closest("button, a, [type=checkbox], [role=button]");
    return !(key.startsWith("Arrow") && focused.closest("media-volume-range, media-time-range"));
  }

  private changeVolume(step: number) {
    const { video } = this;
    video.volume = Math.min(1, Math.max(0, video.volume + step));
    if (step > 0) video.muted = false;
  }
}

function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null; // the browser stores nothing for this site
  }
}
