// The signed-in users in a chat.

import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useChosen } from "./chosen.ts";
import { fetchJson } from "./emoji.ts";
import { hueOf } from "./text.ts";

type Chatter = { name: string; role?: string };

const REFRESH_MS = 15000;

/** The signed-in users in the chat of `channel`, refreshed while `isWanted`. Null until the site answers. */
export function useChatters(channel: string, isWanted: boolean): Chatter[] | null {
  const [chatters, setChatters] = useState<Chatter[] | null>(null);
  useEffect(() => {
    if (!channel || !isWanted) return undefined;
    const leaving = new AbortController();
    const refresh = () =>
      fetchJson<{ chatters: Chatter[] }>(window.frontDoor(`/api/channels/${channel}/chatters`), leaving.signal)
        .then((found) => setChatters(found.chatters))
        .catch(() => leaving.signal.aborted || setChatters((known) => known ?? []));
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, [channel, isWanted]);
  return chatters;
}

type Found = { known: boolean; total: number; shown: (Chatter & { hue: number })[] };

const FoundChatters = createContext<Found>({ known: false, total: 0, shown: [] });

/** The chatters that the `ChatterSearch` around a component found. */
export function useFoundChatters(): Found {
  return useContext(FoundChatters);
}

/** Provides its children with the chatters whose name contains the search text. */
export function ChatterSearch({ channel, children }: { channel: string; children: ReactNode }) {
  const { search } = useChosen();
  const chatters = useChatters(channel, true);
  const word = search.trim().toLowerCase();
  const shown = (chatters ?? []).filter(({ name }) => name.toLowerCase().includes(word));
  const found = shown.map((chatter) => ({ ...chatter, hue: hueOf(chatter.name) }));
  const value = { known: chatters !== null, total: chatters?.length ?? 0, shown: found };
  return <FoundChatters value={value}>{children}</FoundChatters>;
}
