// What the device shows of a player beside the page: on a locked screen, or where its media keys are explained.

import { useEffect } from "react";

export function useMediaSession(title, poster) {
  useEffect(() => {
    if (!navigator.mediaSession || !title) return;
    const artwork = poster ? [{ src: window.frontDoor(poster), type: "image/jpeg" }] : [];
    navigator.mediaSession.metadata = new MediaMetadata({ title, artwork });
  }, [title, poster]);
}
