// The messages of a channel as its feed sends them. They are kept in the browser, not in the server's state of the tab.

import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { useFeedPart } from "../feed/feed_client.ts";
import { Announcer } from "./announcer.tsx";
import { usePreferences } from "./browser_state.ts";
import { withDividers } from "./dividers.ts";
import { MessageList } from "./message_list.tsx";
import { useDescribe } from "./shown_lines.ts";

type Props = { path: string; channel: string; me: string; children: ReactNode };

/** The messages. The children render the list. */
export function ChatLog({ path, channel, me, children }: Props) {
  const { messages, arrived, startedAt, emotesNews } = useFeedPart(path, (feed) => feed);
  const { muted } = usePreferences();
  const describe = useDescribe(channel, emotesNews, me);
  const lines = useMemo(() => messages.filter(({ name = "" }) => !muted.includes(name)), [messages, muted]);
  const divided = useMemo(() => withDividers(lines, startedAt), [lines, startedAt]);
  return (
    <>
      <MessageList key={path} path={path} lines={divided} describe={describe}>
        {children}
      </MessageList>
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
