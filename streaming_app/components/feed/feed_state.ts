// The state of a feed, of a channel or of the catalog, and its changes by each frame.

import type { FeedMessage, FeedRules, FeedStream, Frame, WelcomeFrame } from "../generated.ts";
import { append, type Line, latest, remove, restore, trimmed } from "./feed_lines.ts";

/** An immutable state of the feed. */
export type Snapshot = Readonly<typeof EMPTY>;

/** The state before the first frame. */
export const EMPTY = {
  status: "connecting" as "connecting" | "open" | "waiting",
  stream: null as FeedStream | null,
  /** Start of the newest stream, also after its end. Empty until a stream was live. */
  startedAt: "",
  viewers: null as number | null,
  messages: [] as readonly Line[],
  /** Cursor of the newest message. A new connection resumes after it. */
  cursor: "",
  /** Number of messages that have arrived since the first welcome. */
  arrived: 0,
  /** The digest of the list of live channels, from the catalog's feed. */
  digest: null as string | null,
  rules: null as FeedRules | null,
  pinned: null as FeedMessage | null,
  /** What has changed of chatters since the page was opened, by username. `changes` counts their bans and roles. */
  chatters: {} as Readonly<Record<string, { isBanned?: boolean; changes: number }>>,
  /** Numbers of possible changes: of the emotes, of the moderation page, and of the studio. */
  emotesNews: 0,
  moderationNews: 0,
  studioNews: 0,
  error: "",
};

type Reducers = {
  [Type in Frame["type"]]: (known: Snapshot, frame: Extract<Frame, { type: Type }>) => Partial<Snapshot>;
};

const reducers: Reducers = {
  welcome: (known, frame) => ("channel" in frame ? welcome(known, frame) : { digest: frame.digest }),
  messages: (known, { messages }) => arrivals(known, known.messages, messages),
  restored: (known, { messages }) => ({ messages: trimmed(restore(known.messages, messages)) }),
  deleted: (known, frame) => ({ messages: remove(known.messages, frame) }),
  banned: (known, { name }) => changedChatter(known, name, true),
  unbanned: (known, { name }) => changedChatter(known, name, false),
  role: (known, { name }) => changedChatter(known, name),
  // The line in place of the messages that are missing after the cursor.
  gap: ({ messages, cursor }) => ({
    messages: trimmed(append(messages, [{ id: `gap-${cursor}`, cursor, gap: true }])),
  }),
  emotes: ({ emotesNews }) => ({ emotesNews: emotesNews + 1 }),
  moderation: ({ moderationNews }) => ({ moderationNews: moderationNews + 1 }),
  studio: ({ studioNews }) => ({ studioNews: studioNews + 1 }),
  rules: (_, { rules }) => ({ rules }),
  pinned: (_, { message }) => ({ pinned: message }),
  viewers: (_, { viewers }) => ({ viewers }),
  stream: (known, { type: _type, ...stream }) => ({ stream, startedAt: stream.started_at ?? known.startedAt }),
  catalog: (_, { digest }) => ({ digest }),
  error: (_, { message }) => ({ error: message }),
};

/** Returns the fields that `frame` changes. Frames of unknown types change nothing. */
export function changes(known: Snapshot, frame: Frame): Partial<Snapshot> {
  const reduce = reducers[frame.type] as ((known: Snapshot, frame: Frame) => Partial<Snapshot>) | undefined;
  return reduce?.(known, frame) ?? {};
}

/**
 * Handles the first frame of a connection. After a lost connection, changes may have been missed, so all counters
 * increase. At the first connection, the pages of moderators and owners have just loaded their data.
 */
function welcome(known: Snapshot, { channel, messages, resumed, deleted }: WelcomeFrame): Partial<Snapshot> {
  const { viewers, rules, pinned, ...stream } = channel;
  const kept = resumed ? remove(known.messages, { ids: deleted }) : [];
  const missed = known.stream ? 1 : 0;
  return {
    stream: { ...known.stream, ...stream },
    startedAt: stream.started_at ?? known.startedAt,
    viewers,
    rules,
    pinned,
    emotesNews: known.emotesNews + 1,
    moderationNews: known.moderationNews + missed,
    studioNews: known.studioNews + missed,
    ...arrivals(resumed ? known : { ...known, cursor: "" }, kept, messages),
  };
}

function arrivals(known: Snapshot, kept: readonly Line[], incoming: readonly FeedMessage[]): Partial<Snapshot> {
  const messages = append(kept, incoming);
  const count = known.stream ? messages.length - kept.length : 0;
  return {
    messages: trimmed(messages),
    cursor: latest(known.cursor, incoming),
    arrived: known.arrived + count,
  };
}

function changedChatter({ chatters }: Snapshot, name: string, isBanned = chatters[name]?.isBanned): Partial<Snapshot> {
  const changes = (chatters[name]?.changes ?? 0) + 1;
  return { chatters: { ...chatters, [name]: { isBanned, changes } } };
}
