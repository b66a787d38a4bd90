// A recording's picture, which may be missing, and its date where the reader is.

import { createElement as h, useState } from "react";

export function Still({ src }) {
  const [failed, setFailed] = useState("");
  const url = src && window.frontDoor(src);
  return url && failed !== url
    ? h("img", { className: "preview", src: url, alt: "", loading: "lazy", decoding: "async", onError: () => setFailed(url) })
    : null;
}

/** "25 Nov 2026, 20:15", or with `long` "25 November 2026, 20:15", in the reader's language and time zone. */
export function LocalDate({ at, long }) {
  if (!at) return null;
  const date = new Date(at);
  const text = date.toLocaleString([], { dateStyle: long ? "long" : "medium", timeStyle: "short" });
  return h("time", { dateTime: at, title: date.toLocaleString() }, text);
}
