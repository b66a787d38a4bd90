// The messages of a channel as its feed sends them. They are kept in the browser, not in the server's state of the tab.

import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useFeed, useHeldLines } from "../feed/feed_client.ts";
import type { Line } from "../feed/feed_lines.ts";
import { Announcer } from "./announcer.tsx";
import { withDividers } from "./dividers.ts";
import { useEmoji, useEmotes } from "./emoji.ts";
import { type Jump, Log } from "./log.tsx";
import { usePreferences } from "./preferences.ts";
import { Row as ChatRow } from "./row.tsx";
import type { Row } from "./types.ts";

export { ChatOverlay } from "./chat_overlay.tsx";
export { ChatReplay } from "./chat_replay.tsx";
export { ChatterList } from "./chatter_list.tsx";
export { ComposeBox } from "./compose_box.tsx";
export { PinnedMessage } from "./pinned_message.tsx";

type Props = {
  path: string;
  channel: string;
  me: string;
  isHeld: boolean;
  onMenu: (message: Line) => void;
  children: ReactNode;
};

/** `children` are shown when there are no messages. `onMenu` gets the message whose menu is to open. */
export function ChatLog({ path, channel, me, isHeld, onMenu, children }: Props) {
  const { messages, arrived, stream, emotesNews } = useFeed(path) as {
    messages: readonly Line[];
    arrived: number;
    stream: { started_at?: string } | null;
    emotesNews: number;
  };
  const emotes = useEmotes(channel, emotesNews);
  const emoji = useEmoji();
  const { muted, times } = usePreferences();
  const [isReading, setReading] = useState(false);
  const [jump, setJump] = useState<Jump>(null);
  const lines = useMemo(
    () => (muted.length ? messages.filter(({ name = "" }) => !muted.includes(name)) : messages),
    [messages, muted],
  );
  const startedAt = useStart(path, stream?.started_at);
  const divided = useMemo(() => withDividers(lines, startedAt), [lines, startedAt]);
  const read = useRef(arrived); // what had arrived when the viewer last saw the newest message
  if (!isReading) read.current = arrived;
  const missed = arrived - read.current;
  useHeldLines(path, isReading);

  const newest = useRef(messages);
  newest.current = messages;
  const openMenu = useCallback(
    (id: string) => {
      const message = newest.current.find((line) => line.id === id);
      if (message?.text) onMenu(message);
    },
    [onMenu],
  );
  const jumpTo = useCallback((id: string) => setJump({ id }), []);
  const row = (message: Row) => (
    <ChatRow
      key={message.id}
      message={message}
      me={me}
      emotes={emotes}
      emoji={emoji}
      onMenu={openMenu}
      onJump={jumpTo}
    />
  );

  return (
    <>
      {lines.length ? (
        <Log
          key={path}
          label="Chat messages"
          lines={divided}
          row={row}
          jump={jump}
          isHeld={isHeld}
          hasTimes={times}
          onMenu={openMenu}
          onReading={setReading}
        />
      ) : (
        children
      )}
      <Announcer key={`announcer ${path}`} lines={lines} arrived={arrived} me={me} />
      {missed > 0 && (
        <button type="button" className="btn btn--primary chat__more" onClick={() => setJump({})}>
          {`${missed.toLocaleString()} new ${missed === 1 ? "message" : "messages"} ↓`}
        </button>
      )}
    </>
  );
}

/** Calls `onOpen` with the channel when its chat opens, when the role or a ban of `me` changes, and when the server has forgotten the tab. */
export function MembershipListener({
  path,
  channel,
  me,
  role,
  onOpen,
}: {
  path: string;
  channel: string;
  me: string;
  role: string;
  onOpen: (channel: string) => void;
}) {
  const { standings } = useFeed(path) as { standings: Record<string, number> };
  const asked = useRef("");
  const key = `${channel} ${me} ${standings[me] ?? 0}`;
  useEffect(() => {
    if (!channel || !me || (role && asked.current === key)) return;
    asked.current = key;
    onOpen(channel);
  }, [key, role === ""]);
  return null;
}

/** When the stream of the channel began, also after it has ended; empty until one was live. */
function useStart(path: string, startedAt = ""): string {
  const known = useRef({ path, startedAt });
  if (known.current.path !== path || startedAt) known.current = { path, startedAt };
  return known.current.startedAt;
}
