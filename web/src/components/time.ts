/** Times as people read them: local, with the zone where it matters. */

const time = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const dateTime = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

export const clock = (ms: number) => time.format(ms);

export const dayAndClock = (ms: number) => dateTime.format(ms);

/** "3 min", "2 h 10 min", "4 days": only for durations up to now. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** "8 h", "3.5 days", "120 days": how long recordings will be kept. */
export function forecastWords(days: number): string {
  if (days < 2) return `${Math.max(1, Math.round(days * 24))} h`;
  return `${days < 10 ? Number(days.toFixed(1)) : Math.round(days)} days`;
}

/** Short name of the zone the times are shown in, e.g. "CET". */
export function zoneName(at: number): string {
  return (
    new Intl.DateTimeFormat(undefined, { timeZoneName: "short" })
      .formatToParts(at)
      .find((p) => p.type === "timeZoneName")?.value ?? ""
  );
}

/** Value for an <input type="datetime-local"> with seconds. */
export function toLocalInput(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
