// The base of the players of live streams and recordings: keys, buttons, panels, covers. Python renders the elements.

import type { HlsVideoElement } from "hls-video-element";

export type Actions = Record<string, () => unknown>;

export const SEEK_SECONDS = 5;
const VOLUME_STEP = 0.05;
const SETTING = "player-character-keys";

export class PlayerShell<Video extends HlsVideoElement> {
  readonly video: Video;
  /** The actions of keys, by key name, and of buttons, by `data-action`. */
  actions: Actions;
  private readonly controller: HTMLElement;
  private readonly leaving = new AbortController();

  /** `tag` names the video element in `root`. */
  constructor(
    readonly root: HTMLElement,
    tag: string,
  ) {
    this.video = this.find<Video>(tag);
    this.controller = this.find("media-controller");
    // media-chrome makes the controller a tab stop that has no function. (With -1 its buttons would not be tab stops either.)
    this.controller.removeAttribute("tabindex");
    const { video } = this;
    const togglePlay = () => (video.paused ? video.play().catch(() => {}) : video.pause());
    this.actions = {
      " ": togglePlay,
      k: togglePlay,
      m: () => {
        video.muted = !video.muted;
      },
      f: () => (document.fullscreenElement ? document.exitFullscreen() : this.controller.requestFullscreen()),
      i: () => (document.pictureInPictureElement ? document.exitPictureInPicture() : video.requestPictureInPicture?.()),
      ArrowUp: () => this.changeVolume(VOLUME_STEP),
      ArrowDown: () => this.changeVolume(-VOLUME_STEP),
      play: togglePlay,
      close: () => this.togglePanel(""),
      "?": () => this.togglePanel("?"),
    };
    this.listen(document, "keydown", (event) => this.onKey(event as KeyboardEvent));
    this.listen(root, "click", (event) => this.onClick(event.target as HTMLElement));
    const keySwitch = this.find<HTMLInputElement>(".player__switch input");
    keySwitch.checked = characterKeysWork();
    this.listen(keySwitch, "change", () => setCharacterKeys(keySwitch.checked));
  }

  find<E extends HTMLElement>(selector: string): E {
    return this.root.querySelector(selector) as E;
  }

  /** Listens until the player is destroyed; `types` are separated by spaces. */
  listen(target: EventTarget, types: string, listener: (event: Event) => void) {
    for (const type of types.split(" ")) target.addEventListener(type, listener, { signal: this.leaving.signal });
  }

  /** Shows the cover called `name`, and hides the others. */
  showCover(name: string) {
    for (const cover of this.root.querySelectorAll<HTMLElement>("[data-cover]")) {
      cover.hidden = cover.dataset.cover !== name;
    }
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

  /** Loads the image that is shown before playback; a missing image stays hidden. */
  showPoster(path: string) {
    const poster = this.find<HTMLImageElement>(".player__poster");
    poster.hidden = true;
    poster.onload = () => {
      poster.hidden = false;
    };
    if (path) poster.src = `${window.frontDoor(path)}?t=${Date.now()}`; // the cached image may be older
  }

  destroy() {
    this.leaving.abort();
  }

  private onClick(target: HTMLElement) {
    const button = target.closest<HTMLElement>("[data-action]");
    if (!button) return;
    this.actions[button.dataset.action ?? ""]?.();
    // A button that hides itself would lose the focus to the page, and with it the player's keys.
    if (!button.checkVisibility() && !this.root.contains(document.activeElement)) this.focus();
  }

  private focus() {
    this.video.focus({ preventScroll: true });
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
    if (isCharacter && !characterKeysWork() && !(key === "?" && isInside)) return false;
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

/** Returns whether single-character shortcuts are enabled. Users of speech input disable them. */
function characterKeysWork(): boolean {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true; // the browser stores nothing for this site
  }
}

function setCharacterKeys(work: boolean) {
  try {
    localStorage.setItem(SETTING, work ? "on" : "off");
  } catch {
    // the browser stores nothing for this site
  }
}
