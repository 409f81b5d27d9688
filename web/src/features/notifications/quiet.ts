import type { QuietHours } from "@/api/notifications";
import { timeFormat } from "@/i18n/formats";
import { words } from "./words";

export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof days)[number];

const weekday = timeFormat({ weekday: "short" });

/** "Mon", "Mo". */
export const dayWord = (day: Day): string => weekday(new Date(2024, 0, 1 + days.indexOf(day)));

/** Where this browser is, every night. */
export const usualQuiet = (): QuietHours => ({
  from: "22:00",
  to: "07:00",
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  days: [],
});

/** They end on the day after the one they begin on. */
export const isOverMidnight = ({ from, to }: QuietHours): boolean => (to ?? "") <= (from ?? "");

/** "Mon – Fri, Sun": three and more in a row are a span. */
export function dayWords(chosen: readonly string[]): string {
  const parts: string[] = [];
  for (let i = 0; i < days.length; i++) {
    if (!chosen.includes(days[i]!)) continue;
    let end = i;
    while (end + 1 < days.length && chosen.includes(days[end + 1]!)) end++;
    if (end - i >= 2) {
      parts.push(`${dayWord(days[i]!)} – ${dayWord(days[end]!)}`);
      i = end;
    } else parts.push(dayWord(days[i]!));
  }
  return parts.join(", ");
}

/** The hours as a sentence. */
export function quietWords(quiet: QuietHours): string {
  const all = !quiet.days?.length || quiet.days.length === days.length;
  const when = all ? words.everyDay : words.onDays(dayWords(quiet.days!));
  const [from, to, zone] = [quiet.from ?? "", quiet.to ?? "", quiet.timeZone ?? ""];
  return isOverMidnight(quiet) ? words.quietOverMidnight(when, from, to, zone) : words.quietSpan(when, from, to, zone);
}
