// The messages of a channel as its feed sends them. They are kept in the browser, not in the server's state of the tab.

import { Children, type ReactNode, useEffect, useMemo, useRef } from "react";
import { useFeed, useFeedPart } from "../feed/feed_client.ts";
import { Announcer } from "./announcer.tsx";
import { setUiState, usePreferences, useUiState } from "./browser_state.ts";
import { withDividers } from "./dividers.ts";
import { MessageList } from "./message_list.tsx";
import { useDescribe } from "./shown_lines.ts";

export { ChatReplay } from "./chat_replay.tsx";
export { ComposeBox } from "./compose_box.tsx";
export { StreamOverlay } from "./stream_overlay.tsx";

type Props = { path: string; channel: string; me: string; children: ReactNode };

/** The list of messages. The children are the rows, and the element to show when there are no messages. */
export function ChatLog({ path, channel, me, children }: Props) {
  const { messages, arrived, stream, emotesNews } = useFeed(path);
  const { muted, times } = usePreferences();
  const { opened, question } = useUiState();
  const describe = useDescribe(channel, emotesNews, me);
  const lines = useMemo(() => messages.filter(({ name = "" }) => !muted.includes(name)), [messages, muted]);
  const startedAt = useStart(path, stream?.started_at);
  const divided = useMemo(() => withDividers(lines, startedAt), [lines, startedAt]);
  const onMenu = (id: string) => {
    const message = messages.find((line) => line.id === id);
    if (message?.text) setUiState({ opened: message });
  };
  const isHeld = opened !== null || question !== null;
  const log = { arrived, describe, isHeld, onMenu, lines: divided, hasTimes: times, label: "Chat messages" };
  const [rows, empty] = Children.toArray(children);
  return (
    <>
      {lines.length ? (
        <MessageList key={path} {...log}>
          {rows}
        </MessageList>
      ) : (
        empty
      )}
      <Announcer key={`announcer ${path}`} lines={lines} arrived={arrived} me={me} />
    </>
  );
}

type ListenerProps = { path: string; channel: string; me: string; role: string; onOpen: (channel: string) => void };

/** Calls `onOpen` with the channel when its chat opens, when a role or ban of `me` changes, and when `role` becomes empty. */
export function MembershipListener({ path, channel, me, role, onOpen }: ListenerProps) {
  const changes = useFeedPart(path, (feed) => feed.chatters[me]?.changes ?? 0);
  const asked = useRef("");
  const key = `${channel} ${me} ${changes}`;
  useEffect(() => {
    if (!channel || !me || (role && asked.current === key)) return;
    asked.current = key;
    onOpen(channel);
  }, [key, role === ""]);
  return null;
}

/** The start of the channel's stream, also after the stream has ended. Empty until a stream was live. */
function useStart(path: string, startedAt = ""): string {
  const known = useRef({ path, startedAt });
  if (known.current.path !== path || startedAt) known.current = { path, startedAt };
  return known.current.startedAt;
}
