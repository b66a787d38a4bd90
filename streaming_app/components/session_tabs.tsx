// What the tabs of a browser tell each other about their session.

import { useEffect, useRef } from "react";

type Props = { username: string; isKnown: boolean };

/** Connects a signed-out tab to the site again when another tab of the browser is signed in; shows nothing.
 * The session cookie is the same for all tabs, but the server reads it only when a tab connects. */
export function SessionTabs({ username, isKnown }: Props) {
  const wasSignedIn = useRef(false);
  useEffect(() => {
    if (!isKnown) return;
    const tabs = new BroadcastChannel("session");
    tabs.onmessage = ({ data }) => {
      if (username && !data) tabs.postMessage(username);
      if (username || !data) return;
      // Reflex closes its websocket, and opens a new one as soon as the tab is visible.
      window.dispatchEvent(new Event("pagehide"));
      document.dispatchEvent(new Event("visibilitychange"));
    };
    // An empty message asks whether anybody is signed in.
    if (username || wasSignedIn.current) tabs.postMessage(username);
    wasSignedIn.current = username !== "";
    return () => tabs.close();
  }, [username, isKnown]);
  return null;
}
