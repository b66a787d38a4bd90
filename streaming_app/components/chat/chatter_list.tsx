// The signed-in people in a chat.

import { useEffect, useState } from "react";
import { fetchJson } from "./emoji.ts";
import { Badge, Name } from "./row.tsx";
import { sameName } from "./text.ts";

type Chatter = { name: string; role?: string };

const REFRESH_MS = 15000;

/** The signed-in people in the chat of `channel`, refreshed while `isWanted`. Null until the site answers. */
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

/** The list, with a search field. For a viewer who is signed in as `me`, `onMention` gets {name}. */
export function ChatterList({
  channel,
  me,
  onMention,
}: {
  channel: string;
  me: string;
  onMention: (mention: Chatter) => void;
}) {
  const chatters = useChatters(channel, true);
  const [search, setSearch] = useState("");
  const shown = (chatters ?? []).filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()));
  const empty = chatters?.length ? "No one by that name." : "No signed-in viewers yet.";
  return (
    <>
      <input
        className="input people__search"
        type="search"
        placeholder="Find a name"
        aria-label="Find a name"
        value={search}
        onChange={({ target }) => setSearch(target.value)}
      />
      {chatters && (
        <p className="panel-over__text">
          {shown.length ? `${shown.length} ${shown.length === 1 ? "person" : "people"}` : empty}
        </p>
      )}
      <ul className="panel-over__list" tabIndex={me ? undefined : 0} aria-label="Names">
        {shown.map(({ name, role }) => (
          <li key={name} className="people__one">
            <span className="people__who">
              <Badge role={role} />
              <Name name={name} />
            </span>
            {me && !sameName(name, me) && (
              <button
                type="button"
                className="btn btn--sm"
                aria-label={`Mention ${name}`}
                onClick={() => onMention({ name })}
              >
                Mention
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
