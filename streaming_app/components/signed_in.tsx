// What depends on the session of this browser: content for signed-in users, and what the tabs tell each other about it.

import { Children, Fragment, type ReactNode, useEffect, useRef, useState } from "react";

type Props = { username: string; isKnown: boolean; children: ReactNode };

/** How long the content stays in the page, invisible, after its user was signed out. */
const KEPT_MS = 10_000;
const CHANNEL = "session";
const IS_ANYBODY_SIGNED_IN = "is anybody signed in?";
const SIGNED_IN = "signed in";

/** Shows the first child, or the second to visitors. The first stays mounted for a moment after a sign-out, with the
 * text typed into it, because a new session of the same user may follow. Another user gets a new one. */
export function SignedInContent({ username, isKnown, children }: Props) {
  const [content, notice] = Children.toArray(children);
  const owner = useRef({ name: username, number: 0 });
  const [isExpired, setIsExpired] = useState(false);
  const isOut = isKnown && !username;
  if (username && username !== owner.current.name) {
    owner.current = { name: username, number: owner.current.number + (owner.current.name ? 1 : 0) };
  }
  useEffect(() => {
    if (!isOut) return;
    const timer = setTimeout(() => setIsExpired(true), KEPT_MS);
    return () => {
      clearTimeout(timer);
      setIsExpired(false);
    };
  }, [isOut]);
  const isMounted = !isOut || (owner.current.name !== "" && !isExpired);
  return (
    <>
      {isOut && notice}
      {isMounted && (
        <div className="contents" hidden={isOut}>
          <Fragment key={owner.current.number}>{content}</Fragment>
        </div>
      )}
    </>
  );
}

/** Connects a signed-out tab to the site again when another tab of the browser is signed in; shows nothing.
 * The session cookie is the same for all tabs, but the server reads it only when a tab connects. */
export function SessionTabs({ username, isKnown }: Omit<Props, "children">) {
  const tabs = useRef<BroadcastChannel>(undefined);
  const current = useRef({ isKnown, username });
  current.current = { isKnown, username };
  const wasSignedIn = useRef(false);
  useEffect(() => {
    const channel = new BroadcastChannel(CHANNEL);
    tabs.current = channel;
    channel.onmessage = ({ data }) => {
      const { isKnown, username } = current.current;
      if (username && data === IS_ANYBODY_SIGNED_IN) channel.postMessage(SIGNED_IN);
      if (isKnown && !username && data === SIGNED_IN) reconnect();
    };
    return () => channel.close();
  }, []);
  useEffect(() => {
    if (username) tabs.current?.postMessage(SIGNED_IN);
    else if (wasSignedIn.current) tabs.current?.postMessage(IS_ANYBODY_SIGNED_IN);
    wasSignedIn.current = username !== "";
  }, [username]);
  return null;
}

/** Makes Reflex close its websocket, and open a new one as soon as the tab is visible. */
function reconnect() {
  window.dispatchEvent(new Event("pagehide"));
  document.dispatchEvent(new Event("visibilitychange"));
}
