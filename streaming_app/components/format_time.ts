// Durations and deadlines as text.

/** A duration in seconds as a clock shows it, such as 4:07 or 1:04:07. */
export function formatClock(seconds: number): string {
  const units = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  if (!units[0]) units.shift();
  return units.map((unit, index) => String(unit).padStart(index ? 2 : 1, "0")).join(":");
}

/** "in 4:12", or a date if `deadline` is more than a day after `now`. Both are in milliseconds. */
export function formatDeadline(deadline: number, now: number, locale?: string): string {
  const seconds = Math.max(0, Math.ceil((deadline - now) / 1000));
  if (seconds <= 86400) return `in ${formatClock(seconds)}`;
  return `on ${new Date(deadline).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" })}`;
}
