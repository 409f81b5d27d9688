import { number, timeFormat, timeFormatParts } from "@/i18n/formats";
import { words } from "./words";

/** Times as people read them: local, with the zone where it matters. */

export const clock = timeFormat({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export const dayAndClock = timeFormat({
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** "Sat, 28 Nov". */
export const dayName = timeFormat({ weekday: "short", day: "numeric", month: "short" });

/** "3 min", "2 h 10 min", "4 days": only for durations up to now. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return words.seconds(seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return words.minutes(minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? words.hoursAndMinutes(hours, minutes % 60) : words.hours(hours);
  return daysWords(Math.floor(hours / 24));
}

/** "8 h", "3.5 days", "120 days": how long recordings will be kept. */
export function forecastWords(days: number): string {
  if (days < 2) return words.hours(Math.max(1, Math.round(days * 24)));
  return daysWords(days < 10 ? Number(days.toFixed(1)) : Math.round(days));
}

/** At most one digit behind the point. */
const daysWords = (days: number) => words.days(number(days, Number.isInteger(days) ? 0 : 1), days === 1);

const zone = timeFormatParts({ timeZoneName: "short" });

/** Short name of the zone the times are shown in, e.g. "CET". */
export function zoneName(at: number): string {
  return zone(at).find((p) => p.type === "timeZoneName")?.value ?? "";
}

/** Value for an <input type="datetime-local"> with seconds. */
export function toLocalInput(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
