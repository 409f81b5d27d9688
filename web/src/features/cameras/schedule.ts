import type { RecordingMode, ScheduleEntry } from "@/api/types";

export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const hours = Array.from({ length: 24 }, (_, hour) => hour);

/** A mode for each hour of a week, Monday first. */
export type Week = readonly (readonly RecordingMode[])[];

export const weekOf = (mode: (day: number, hour: number) => RecordingMode): Week =>
  days.map((_, day) => hours.map((hour) => mode(day, hour)));

const minuteOf = (time: string) => {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
};
const timeOf = (hour: number) => `${String(hour).padStart(2, "0")}:00`;

function covers(entry: ScheduleEntry, day: number, minute: number): boolean {
  const from = minuteOf(entry.from);
  const to = minuteOf(entry.to);
  const on = (d: number) => entry.days.includes(days[(d + 7) % 7]!);
  // One that ends the day after is two: until midnight, and from midnight on.
  return (on(day) && minute >= from && minute < (to > from ? to : 1440)) || (to <= from && minute < to && on(day - 1));
}

/** What applies at the beginning of each hour: the later entry beats the earlier one, and either the mode. */
export const weekFrom = (mode: RecordingMode, schedule: readonly ScheduleEntry[]): Week =>
  weekOf((day, hour) => schedule.findLast((e) => covers(e, day, hour * 60))?.mode ?? mode);

/** A week of hours cannot show it. */
export const hasOddTimes = (schedule: readonly ScheduleEntry[]) =>
  schedule.some((e) => minuteOf(e.from) % 60 !== 0 || minuteOf(e.to) % 60 !== 0);

/** The fewest entries that say the same, over a mode of "off": stretches of a day, those of several days together. */
export function entriesOf(week: Week): ScheduleEntry[] {
  const found = new Map<string, ScheduleEntry>();
  week.forEach((modes, day) => {
    for (let from = 0; from < 24;) {
      const mode = modes[from]!;
      let to = from + 1;
      while (to < 24 && modes[to] === mode) to++;
      if (mode !== "off") {
        const key = `${from} ${to} ${mode}`;
        const same = found.get(key);
        if (same) same.days.push(days[day]!);
        else found.set(key, { days: [days[day]!], from: timeOf(from), to: timeOf(to), mode });
      }
      from = to;
    }
  });
  return [...found.values()];
}

const isWorkDay = (day: number) => day < 5;
const isDaytime = (hour: number) => hour >= 8 && hour < 18;

export const presets: { name: "always" | "workingHours" | "nights" | "nothing"; week: Week }[] = [
  { name: "always", week: weekOf(() => "continuous") },
  {
    name: "workingHours",
    week: weekOf((day, hour) => (isWorkDay(day) && isDaytime(hour) ? "continuous" : "motion")),
  },
  {
    name: "nights",
    week: weekOf((day, hour) => (isWorkDay(day) && isDaytime(hour) ? "off" : "continuous")),
  },
  { name: "nothing", week: weekOf(() => "off") },
];
