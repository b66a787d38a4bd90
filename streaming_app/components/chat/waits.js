// How long someone has to wait before they may write, and under what rules they write, in words.

const DAY = 86400;

/** A length as clocks show it: 0:07, 4:12, 1:02:03. */
export function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** "in 4:12", or a date where that is more than a day away; `now` and `deadline` in milliseconds. */
export function when(deadline, now, locale) {
  const seconds = (deadline - now) / 1000;
  if (seconds <= DAY) return `in ${clock(seconds)}`;
  return `on ${new Date(deadline).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" })}`;
}

/** The rules of the chat, as the feed has them; empty without any. */
export function rulesInWords(rules) {
  const words = [];
  if (rules?.slow) words.push(`Slow mode: one message every ${spell(rules.slow)}`);
  if (rules?.followers === 0) words.push("Followers only");
  if (rules?.followers) words.push(`Only for those who have followed for ${spell(rules.followers * 60)}`);
  if (rules?.age) words.push(`Only for accounts older than ${spell(rules.age * 60)}`);
  return words.join(" · ");
}

function spell(seconds) {
  for (const [size, word] of [[DAY, "day"], [3600, "hour"], [60, "minute"]]) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size} ${word}${seconds === size ? "" : "s"}`;
  }
  return `${seconds} s`;
}
