// What depends on the session of this browser: content for signed-in users, and what the tabs tell each other about it.

import { Children, type ReactNode, useEffect, useRef, useState } from "react";

type Props = { username: string; isKnown: boolean; children: ReactNode };

/** How long the content stays in the page, invisible, after its user was signed out. */
const KEPT_MS = 10_000;

/** Shows the first child, or the second to visitors. The first stays mounted for a moment after a sign-out, with the
 * text typed into it, because a new session of the same user may follow. Another user gets a new one. */
export function SignedInContent({ username, isKnown, children }: Props) {
  const [content, notice] = Children.toArray(children);
  const first = useRef(""); // the first user of the content, who keeps what was typed before the user was known
  const [owner, setOwner] = useState(""); // whose content is mounted
  const isOut = isKnown && !username;
  first.current ||= username;
  if (username && username !== owner) setOwner(username);
  useEffect(() => {
    if (!isOut) return;
    const timer = setTimeout(() => setOwner(""), KEPT_MS);
    return () => clearTimeout(timer);
  }, [isOut]);
  return (
    <>
      {isOut && notice}
      {(!isOut || owner) && (
        <div key={owner === first.current ? "" : owner} className="contents" hidden={isOut}>
          {content}
        </div>
      )}
    </>
  );
}

/** Connects a signed-out tab to the site again when another tab of the browser is signed in; shows nothing.
 * The session cookie is the same for all tabs, but the server reads it only when a tab connects. */
export function SessionTabs({ username, isKnown }: Omit<Props, "children">) {
  const wasSignedIn = useRef(false);
  useEffect(() => {
    if (!isKnown) return;
    const tabs = new BroadcastChannel("session");
    tabs.onmessage = ({ data }) => {
      if (username && !data) tabs.postMessage(username);
      if (!username && data) reconnect();
    };
    // An empty message asks whether anybody is signed in.
    if (username || wasSignedIn.current) tabs.postMessage(username);
    wasSignedIn.current = username !== "";
    return () => tabs.close();
  }, [username, isKnown]);
  return null;
}

/** Makes Reflex close its websocket, and open a new one as soon as the tab is visible. */
function reconnect() {
  window.dispatchEvent(new Event("pagehide"));
  document.dispatchEvent(new Event("visibilitychange"));
}
