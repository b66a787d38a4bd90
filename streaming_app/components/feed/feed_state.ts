// The state of a feed, of a channel or of the catalog, and its changes by each frame.

import type { FeedChannel, FeedMessage, FeedRules, FeedStream, Frame, Role, WelcomeFrame } from "../generated.ts";
import { append, HELD_MAX, LINES_MAX, type Line, latest, remove, restore, trimmed } from "./feed_lines.ts";

/** An immutable state of the feed. */
export type Snapshot = Readonly<{
  status: "connecting" | "open" | "waiting";
  /** Null until the first welcome. */
  stream: FeedStream | null;
  viewers: number | null;
  messages: readonly Line[];
  /** Cursor of the newest message. A new connection resumes after it. */
  cursor: string;
  /** Number of messages that have arrived since the first welcome. */
  arrived: number;
  /** Whether more messages than usual are kept, because the viewer reads older messages. */
  isHeld: boolean;
  /** The digest of the list of live channels, from the catalog's feed. */
  digest: string | null;
  rules: FeedRules | null;
  pinned: FeedMessage | null;
  /** End of each ban by username; null if it has no end. Like `roles`, has only changes since the page was opened. */
  bans: Readonly<Record<string, string | null>>;
  roles: Readonly<Record<string, Role>>;
  /** Number of changes of bans and roles, by username. */
  membershipChanges: Readonly<Record<string, number>>;
  /** Numbers of possible changes: of the emotes, of the moderation page, and of the studio. */
  emotesNews: number;
  moderationNews: number;
  studioNews: number;
  error: string;
  isWelcomed: boolean;
  gaps: number;
}>;

export const EMPTY: Snapshot = {
  status: "connecting",
  stream: null,
  viewers: null,
  messages: [],
  cursor: "",
  arrived: 0,
  isHeld: false,
  digest: null,
  rules: null,
  pinned: null,
  bans: {},
  roles: {},
  membershipChanges: {},
  emotesNews: 0,
  moderationNews: 0,
  studioNews: 0,
  error: "",
  isWelcomed: false,
  gaps: 0,
};

/** Returns the fields that `frame` changes. Frames of unknown types change nothing. */
export function changes(known: Snapshot, frame: Frame): Partial<Snapshot> {
  const { messages, bans, roles, gaps, cursor } = known;
  switch (frame.type) {
    case "welcome":
      return "channel" in frame ? welcome(known, frame) : { digest: frame.digest };
    case "messages":
      return arrivals(known, messages, frame.messages);
    case "restored":
      return { messages: fitting(known, restore(messages, frame.messages)) };
    case "deleted":
      return { messages: remove(messages, frame) };
    case "banned":
      return { bans: { ...bans, [frame.name]: frame.until }, ...countMembershipChange(known, frame.name) };
    case "unbanned": {
      const { [frame.name]: _, ...others } = bans;
      return { bans: others, ...countMembershipChange(known, frame.name) };
    }
    case "role":
      return { roles: { ...roles, [frame.name]: frame.role }, ...countMembershipChange(known, frame.name) };
    case "gap":
      return {
        gaps: gaps + 1,
        messages: fitting(known, [...messages, { id: `gap-${gaps + 1}`, cursor, isGap: true }]),
      };
    case "emotes":
      return { emotesNews: known.emotesNews + 1 };
    case "moderation":
      return { moderationNews: known.moderationNews + 1 };
    case "studio":
      return { studioNews: known.studioNews + 1 };
    case "rules":
      return { rules: frame.rules };
    case "pinned":
      return { pinned: frame.message };
    case "viewers":
      return { viewers: frame.viewers };
    case "stream":
      return { stream: streamIn(frame) };
    case "catalog":
      return { digest: frame.digest };
    case "error":
      return { error: frame.message };
    default:
      return {};
  }
}

/** Returns `lines` without the oldest lines above the limit. */
export function fitting({ isHeld }: Snapshot, lines: readonly Line[]): readonly Line[] {
  return trimmed(lines, isHeld ? HELD_MAX : LINES_MAX);
}

/**
 * Handles the first frame of a connection. After a lost connection, changes may have been missed, so all counters
 * increase. At the first connection, the pages of moderators and owners have just loaded their data.
 */
function welcome(known: Snapshot, { channel, messages, resumed, deleted }: WelcomeFrame): Partial<Snapshot> {
  const kept = resumed ? remove(known.messages, { ids: deleted }) : [];
  return {
    stream: { ...known.stream, ...streamIn(channel) },
    viewers: channel.viewers,
    rules: channel.rules,
    pinned: channel.pinned,
    emotesNews: known.emotesNews + 1,
    moderationNews: known.moderationNews + (known.isWelcomed ? 1 : 0),
    studioNews: known.studioNews + (known.isWelcomed ? 1 : 0),
    isWelcomed: true,
    ...arrivals(resumed ? known : { ...known, cursor: "" }, kept, messages),
  };
}

function arrivals(known: Snapshot, kept: readonly Line[], incoming: readonly FeedMessage[]): Partial<Snapshot> {
  const messages = append(kept, incoming);
  const count = known.isWelcomed ? messages.length - kept.length : 0;
  return {
    messages: fitting(known, messages),
    cursor: latest(known.cursor, incoming),
    arrived: known.arrived + count,
  };
}

function countMembershipChange({ membershipChanges }: Snapshot, name: string): Partial<Snapshot> {
  return { membershipChanges: { ...membershipChanges, [name]: (membershipChanges[name] ?? 0) + 1 } };
}

function streamIn(frame: Partial<FeedChannel> & FeedStream & { type?: string }): FeedStream {
  const { type: _type, viewers: _viewers, rules: _rules, pinned: _pinned, ...stream } = frame;
  return stream;
}
