// What the players of live streams and recordings share: keys, buttons, panels and autoplay. Python renders the elements.

import type { MediaController } from "media-chrome/media-controller";
import { addTranslation } from "media-chrome/utils/i18n";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { HlsVideo } from "./hls_video.ts";

const VOLUME_STEP = 0.05;
const SETTING = "player-character-keys";

export type PlayerProps = { poster: string; title: string; words: Record<string, string>; children: ReactNode };

/** Returns the props of the element around the player, and a ref for what `connect` returns when it is on the page. */
export function usePlayer<C>(props: PlayerProps, connect: (controls: PlayerControls) => C) {
  const { title, poster, words, children } = props;
  const root = useRef<HTMLDivElement>(null);
  const connected = useRef<C>(null);
  useState(() => addTranslation("en", words));
  useEffect(() => {
    const controls = new PlayerControls(root.current as HTMLDivElement);
    connected.current = connect(controls);
    return () => {
      controls.leaving.abort();
      controls.video.src = "";
    };
  }, []);
  useEffect(() => {
    // For screen readers, and for the device's lock screen and media keys.
    root.current?.querySelector("[slot=media]")?.setAttribute("aria-label", title);
    const artwork = poster ? [{ src: window.frontDoor(poster), type: "image/jpeg" }] : [];
    if (title) navigator.mediaSession.metadata = new MediaMetadata({ title, artwork });
  }, [title, poster]);
  const section = { ref: root, "aria-label": title ? `Video: ${title}` : "Video", children };
  return [section, connected] as const;
}

export class PlayerControls {
  readonly video: HlsVideo;
  /** The actions of keys, by key name, and of buttons, by `data-action`. */
  readonly actions: Record<string, (event: KeyboardEvent) => unknown> = {
    i: () => this.find("media-pip-button").click(),
    // media-chrome would add to the volume before the last change if keys follow each other quickly.
    ArrowUp: () => this.changeVolume(VOLUME_STEP),
    ArrowDown: () => this.changeVolume(-VOLUME_STEP),
    close: () => this.togglePanel(""),
    "?": () => this.togglePanel("?"),
  };
  /** Aborted when the player leaves the page. */
  readonly leaving = new AbortController();
  private readonly keySwitch: HTMLInputElement; // whether single-character shortcuts work; users of speech input disable them

  constructor(readonly root: HTMLElement) {
    this.video = this.find("[slot=media]");
    // media-chrome makes the controller a tab stop that has no function. (With -1 its buttons would not be tab stops either.)
    this.find("media-controller").removeAttribute("tabindex");
    this.handleByMediaChrome(" ", "k", "m", "f");
    this.listen(document, "keydown", (event) => this.onKey(event as KeyboardEvent));
    this.listen(root, "click", (event) => this.onClick(event));
    this.keySwitch = this.find(".player__switch input");
    this.keySwitch.checked = storage()?.getItem(SETTING) !== "off";
    this.listen(this.keySwitch, "change", () => storage()?.setItem(SETTING, this.keySwitch.checked ? "on" : "off"));
  }

  /** Lets media-chrome handle keys. Its own listener reacts only while the player has the focus, and when a key is released. */
  handleByMediaChrome(...keys: string[]) {
    const controller = this.find<MediaController>("media-controller");
    for (const key of keys) this.actions[key] = (event) => controller.keyboardShortcutHandler(event);
  }

  find<E extends HTMLElement>(selector: string): E {
    return this.root.querySelector(selector) as E;
  }

  /** Listens until the player leaves the page; `types` are separated by spaces. */
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

  private changeVolume(step: number) {
    this.video.volume = Math.min(1, Math.max(0, this.video.volume + step));
    if (step > 0) this.video.muted = false;
  }

  private onClick(event: Event) {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-action]");
    if (!button) return;
    this.actions[button.dataset.action ?? ""]?.(event as KeyboardEvent);
    // A button that hides itself would lose the focus to the page, and with it the player's keys.
    if (!button.checkVisibility() && !this.root.contains(document.activeElement)) {
      this.video.focus({ preventScroll: true });
    }
  }

  private onKey(event: KeyboardEvent) {
    if (event.key === "Escape") this.togglePanel("");
    const action = this.actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || !this.takes(event)) return;
    event.preventDefault();
    action(event);
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
}

function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null; // the browser stores nothing for this site
  }
}
