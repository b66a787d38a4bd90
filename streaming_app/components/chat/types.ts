// The types of the values that the chat shows.

import type { Line } from "../feed/feed_lines.ts";

/** A line of the list: one of the feed, or a divider with its text in `words`. */
export type Row = Line & { words?: string };

export type Emote = { name: string; url: string; width: number; height: number };

/** Emotes by lower-case name, without colons. */
export type Emotes = ReadonlyMap<string, Emote>;

/** Symbols by GitHub name, without colons; null until they are fetched. */
export type Emoji = ReadonlyMap<string, string> | null;
