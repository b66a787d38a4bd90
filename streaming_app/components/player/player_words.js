// What media-chrome's controls are called. It has small letters and long phrases in places.

import { addTranslation } from "media-chrome/utils/i18n";

addTranslation("en", {
  "video player": "Video player",
  "media loading": "Loading",
  play: "Play",
  pause: "Pause",
  mute: "Mute",
  unmute: "Unmute",
  volume: "Volume",
  seek: "Seek",
  "playback time": "Time",
  quality: "Quality",
  "Playback rate": "Speed",
  "current playback rate": "Speed",
  "Playback rate {playbackRate}": "Speed {playbackRate}x",
  "seek back {seekOffset} seconds": "Back {seekOffset} seconds",
  "seek forward {seekOffset} seconds": "Forward {seekOffset} seconds",
  "Seek backward": "Back",
  "Seek forward": "Forward",
  "Enter picture in picture mode": "Picture in picture",
  "Exit picture in picture mode": "Leave picture in picture",
  "enter picture in picture mode": "Picture in picture",
  "exit picture in picture mode": "Leave picture in picture",
  "Enter fullscreen mode": "Fullscreen",
  "Exit fullscreen mode": "Leave fullscreen",
  "enter fullscreen mode": "Fullscreen",
  "exit fullscreen mode": "Leave fullscreen",
});
