// What reads the feed besides the chat: listeners that show nothing, and a viewer count.

import { createElement as h, useEffect, useRef } from "react";
import { useFeed, useFeedPart } from "./feed_client.js";

const SPREAD_MS = 1500; // over which all open pages spread their questions after a change of the live list

const digestOf = ({ digest }) => digest;

/** Fires `onChange` with the digest of the live list that the feed tells, when the page shows another. */
export function CatalogListener({ path, digest, onChange }) {
  const told = useFeedPart(path, digestOf);
  useEffect(() => {
    if (told === null || !digest || told === digest) return undefined;
    const timer = setTimeout(() => onChange?.(told), Math.random() * SPREAD_MS);
    return () => clearTimeout(timer);
  }, [told, digest]);
  return null;
}

/** Fires `onChange` when there may be something new for a channel's moderators, likewise. */
export function ModerationListener({ path, onChange }) {
  return useNews(useFeed(path).moderationNews, onChange);
}

/** Fires `onChange` when there may be something new for a channel's owner, likewise. */
export function StudioListener({ path, onChange }) {
  return useNews(useFeed(path).studioNews, onChange);
}

function useNews(count, onChange) {
  const seen = useRef(count);
  useEffect(() => {
    if (count === seen.current) return;
    seen.current = count;
    onChange?.();
  }, [count]);
  return null;
}

/** How many are watching, in words; nothing until the feed has said. */
export function ViewerCount({ path, className }) {
  const { viewers } = useFeed(path);
  if (viewers === null) return null;
  const words = `${viewers.toLocaleString()} ${viewers === 1 ? "viewer" : "viewers"}`;
  return h("span", { className }, eye(), h("span", { "data-viewers": viewers }, words));
}

function eye() {
  return h(
    "svg",
    { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 2, "aria-hidden": true },
    h("path", { d: "M2.5 12S6 5 12 5s9.500 7 9.500 7S18 19 12 19 2.500 12 2.500 12Z" }),
    h("circle", { cx: 12, cy: 12, r: 3 }),
  );
}
