// The signed-in users in a chat.

import { useJson } from "../fetch_json.ts";
import { useUiState } from "./browser_state.ts";
import { matching } from "./suggestions.ts";

type Chatter = { name: string; role?: string };

const REFRESH_MS = 15000;

/** The signed-in users in the chat of `channel`, refreshed while `isWanted`. Undefined until the site answers. */
export function useChatters(channel: string, isWanted: boolean): Chatter[] | undefined {
  const path = channel && isWanted ? `/api/channels/${channel}/chatters` : "";
  return useJson<{ chatters: Chatter[] }>(path, REFRESH_MS)?.chatters;
}

/** The fields of `FoundChatters` in panels.py: the chatters whose name contains the search text, while their panel is open. */
export function useFoundChatters(channel: string) {
  const { panel, search } = useUiState();
  const chatters = useChatters(channel, panel === "chatters");
  const shown = matching(chatters ?? [], search.trim());
  return { known: chatters !== undefined, total: chatters?.length ?? 0, shown };
}
