// The player of a recording. Python renders its elements (recording_player.py); this module controls them.

import type { ErrorData, HlsConfig } from "hls.js";
import { Hls } from "hls-video-element";
import { useEffect, useState } from "react";
import { type HlsVideo, loadPolicy } from "./hls_video.ts";
import { type PlayerControls, type PlayerProps, usePlayer } from "./player_controls.ts";

const POLICY = loadPolicy(10000, 60000, {
  maxNumRetry: 3,
  retryDelayMs: 2000,
  maxRetryDelayMs: 2000,
  shouldRetry: (_, count) => count < 3, // whatever the HTTP status: hls.js itself retries only some
});
const HLS_CONFIG: Partial<HlsConfig> = {
  liveDurationInfinity: false,
  backBufferLength: 60,
  manifestLoadPolicy: POLICY,
  playlistLoadPolicy: POLICY,
  fragLoadPolicy: POLICY,
};

export function RecordingPlayer({ src, ...props }: PlayerProps & { src: string }) {
  const [phase, setPhase] = useState("loading");
  const [section, load] = usePlayer(props, (controls) => connect(controls, setPhase));
  useEffect(() => {
    if (src) load.current?.(window.frontDoor(src));
  }, [src]);
  return <section {...section} className="player player--recording" data-phase={phase} data-cover={phase} />;
}

/** Gives the keys and buttons of a recording their functions; returns a function that plays the recording at a URL. */
function connect(controls: PlayerControls, onPhase: (phase: string) => void) {
  const { actions, video } = controls;
  let hasRecovered = false; // from a media error, since the last progress
  const load = (url: string, startPosition = 0) => {
    onPhase("loading");
    video.config = { ...HLS_CONFIG, startPosition };
    video.src = "";
    video.src = url;
  };
  controls.handleByMediaChrome("<", ">", "ArrowLeft", "ArrowRight");
  Object.assign(actions, {
    j: () => controls.find("media-seek-backward-button").click(),
    l: () => controls.find("media-seek-forward-button").click(),
    play: () => video.play(),
    retry: () => load(video.src, video.currentTime),
  });
  for (const digit of "0123456789") {
    actions[digit] = () => (video.currentTime = ((video.duration || 0) * Number(digit)) / 10);
  }
  const onError = ({ fatal, type }: ErrorData) => {
    if (!fatal) return;
    if (type !== Hls.ErrorTypes.MEDIA_ERROR || hasRecovered) return onPhase("trouble");
    hasRecovered = true;
    video.api?.recoverMediaError();
  };
  controls.listen(video, "hlsready", () => video.api?.on(Hls.Events.ERROR, (_, error) => onError(error)));
  controls.listen(video, "loadeddata", () => onPhase("playing"));
  controls.listen(video, "timeupdate", () => (hasRecovered = false));
  controls.listen(video, "timeupdate seeking seeked loadeddata", () => tellPlayhead(video));
  return load;
}

/** Reports the time of the current frame: `playhead`, with `detail.at` in milliseconds since 1970. */
function tellPlayhead({ api, seeking }: HlsVideo) {
  const at = api?.playingDate?.getTime();
  if (at) document.dispatchEvent(new CustomEvent("playhead", { detail: { at, seeking } }));
}
