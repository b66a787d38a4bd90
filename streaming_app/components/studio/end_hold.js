// Counts down how long the encoder is refused after "End stream". The number is the server's, the seconds pass here.

import { createElement as h, useEffect, useState } from "react";

export function EndHold({ seconds, onAllow }) {
  const left = useCountdown(seconds);
  if (!left) return null;
  return h(
    "div",
    { className: "end-hold" },
    h("p", { className: "end-hold__words" }, "Your encoder can't reconnect for ", h("strong", { role: "timer" }, `${left} s`), ", so that it doesn't start a new stream automatically."),
    h("button", { type: "button", className: "btn btn--secondary btn--sm", onClick: () => onAllow?.() }, "Allow it now"),
  );
}

/** Whole seconds left of `seconds`, as counted from when they were told. */
function useCountdown(seconds) {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const endsAt = performance.now() + seconds * 1000;
    const tell = () => setLeft(Math.max(0, Math.ceil((endsAt - performance.now()) / 1000)));
    tell();
    if (!seconds) return undefined;
    const timer = setInterval(tell, 250);
    return () => clearInterval(timer);
  }, [seconds]);
  return left;
}
