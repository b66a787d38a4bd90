// The seek bar of a live stream, and the button that returns to the live edge. media-chrome's <media-time-range> does
// not fit: its right end is the newest media and not the position of live playback, and it names times since the start.

import type { DvrPosition } from "./dvr_position.ts";

const WINDOW_MIN_SECONDS = 10;

/** Connects `.player__seek` below `root` with `dvr`; returns a function that shows the position. */
export function seekBar(root: HTMLElement, dvr: DvrPosition): () => void {
  const find = <E extends HTMLElement>(selector: string) => root.querySelector(selector) as E;
  const [bar, input] = [find(".player__seek"), find<HTMLInputElement>(".player__seek input")];
  const [pointed, behindText] = [find(".player__pointed"), find(".player__behind-seconds")];
  let length = 0;
  const share = (seconds: number) => `${(100 * (length - seconds)) / length}%`;

  input.addEventListener("input", () => {
    if (Number(input.value) >= length) dvr.toLive();
    else dvr.seekTo(length - Number(input.value));
  });
  bar.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = input.getBoundingClientRect();
    const behind = Math.round(length * (1 - Math.min(1, Math.max(0, (clientX - left) / width))));
    pointed.style.setProperty("--at", share(behind));
    pointed.textContent = behind ? `−${asTime(behind)}` : "Live";
  });

  return () => {
    const position = dvr.position();
    const isBehind = position !== null && !position.atLive;
    root.toggleAttribute("data-behind", isBehind);
    length = Math.floor(position?.window ?? 0);
    bar.hidden = length < WINDOW_MIN_SECONDS;
    const behind = isBehind ? Math.round(position.behind) : 0;
    behindText.textContent = `−${asTime(behind)}`;
    const shown = Math.min(length, behind);
    bar.style.setProperty("--played", share(shown));
    input.max = String(length);
    input.value = String(length - shown);
    const [minutes, seconds] = [Math.floor(shown / 60), shown % 60];
    const words = `${minutes ? `${minutes} min ` : ""}${seconds} s behind live`;
    input.setAttribute("aria-valuetext", shown ? words : "Live");
  };
}

function asTime(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
