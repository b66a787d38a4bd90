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

/** Returns the video element that the document plays, to be put in another place. */
export function takeVideo(): HTMLVideoElement | undefined {
  const video = window.earlyPlayback?.picture?.video;
  return video?.closest(".early-player") ? video : undefined;
}

/** Returns the open source of `video` and what it has appended, if the document has opened it for `mime`. */
export function takePicture(video: HTMLVideoElement, mime: string): Required<EarlyPicture> | undefined {
  const early = picture;
  picture = undefined;
  const isUsable = early?.video === video && early.mime === mime && early.source.readyState === "open";
  return isUsable && early.buffer && !video.error ? (early as Required<EarlyPicture>) : undefined;
}
