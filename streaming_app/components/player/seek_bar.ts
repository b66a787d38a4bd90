// The seek bar of a live stream, and the button that returns to the live edge. media-chrome's <media-time-range> does
// not fit: its right end is the newest media and not the position of live playback, and it names times since the start.

import { formatClock } from "../format_time.ts";
import type { DvrPosition } from "./dvr_position.ts";
import type { PlayerControls } from "./player_controls.ts";

const WINDOW_MIN_SECONDS = 10;

/** Connects `.player__seek` with `dvr`; returns a function that shows the position. */
export function seekBar(controls: PlayerControls, dvr: DvrPosition): () => void {
  const { root, video } = controls;
  const [bar, input] = [controls.find(".player__seek"), controls.find<HTMLInputElement>(".player__seek input")];
  const [pointed, behindText] = [controls.find(".player__pointed"), controls.find(".player__behind-seconds")];
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
    pointed.textContent = behind ? `−${formatClock(behind)}` : "Live";
  });

  return () => {
    const position = dvr.position();
    const isBehind = position !== null && (!dvr.atLive || video.paused);
    root.toggleAttribute("data-behind", isBehind);
    length = Math.floor(position?.window ?? 0);
    bar.hidden = length < WINDOW_MIN_SECONDS;
    const behind = isBehind ? Math.max(0, Math.round(position.late)) : 0;
    behindText.textContent = `−${formatClock(behind)}`;
    const shown = Math.min(length, behind);
    bar.style.setProperty("--played", share(shown));
    Object.assign(input, { max: length, value: length - shown });
    const [minutes, seconds] = [Math.floor(shown / 60), shown % 60];
    const words = `${minutes ? `${minutes} min ` : ""}${seconds} s behind live`;
    input.setAttribute("aria-valuetext", shown ? words : "Live");
  };
}
