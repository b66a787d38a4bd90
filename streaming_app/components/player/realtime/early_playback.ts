// What backend/api/early_playback.js has begun before the app was loaded. The first player of the page continues it.

let picture: EarlyPicture | undefined;

/** Returns the connection to `url` that the document has opened, if it is still open or opening. */
export function takeConnection(url: string): EarlyPlayback | undefined {
  const early = window.earlyPlayback;
  window.earlyPlayback = undefined;
  if (!early) return undefined;
  early.picture?.stop();
  if (early.socket.url === url && early.socket.readyState <= WebSocket.OPEN) {
    picture = early.picture;
    return early;
  }
  early.socket.onmessage = null;
  early.socket.close();
  return undefined;
}

/** Moves the `<video>` that the document plays already, if there is one, to the place of the one in `element`. */
export function continueVideo(element: HTMLElement) {
  const video = window.earlyPlayback?.picture?.video;
  const place = video?.closest(".early-player");
  if (!video || !place) return;
  video.setAttribute("part", "video");
  video.autoplay = false; // from now on the player decides
  element.shadowRoot?.querySelector("video")?.replaceWith(video);
  place.remove();
}

/** Returns the open source of `video` and what it has appended, if the document has opened it for `mime`. */
export function takePicture(video: HTMLVideoElement, mime: string): Required<EarlyPicture> | undefined {
  const early = picture;
  picture = undefined;
  const isUsable = early?.video === video && early.mime === mime && early.source.readyState === "open";
  return isUsable && early.buffer && !video.error ? (early as Required<EarlyPicture>) : undefined;
}
