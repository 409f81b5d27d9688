/** Reads a time as an operator types it: "14:03", "14:03:07", "yesterday 14:03", "28 Nov 9:15", "2026-11-28 14:03", "10 min ago". */

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const units: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export type TypedTime = { at: number } | { error: string };

/** @param shown The time that is shown: a clock without a day means that day. */
export function readTime(text: string, shown: number, now: number): TypedTime {
  const typed = text.trim().toLowerCase().replace(/\s+/g, " ");
  if (typed === "") return { error: "Type a time, such as 14:03" };
  if (typed === "now") return { at: now };
  const ago = /^(\d+) ?(s|m|h|d)[a-z]* ago$/.exec(typed);
  if (ago) return { at: now - Number(ago[1]) * units[ago[2]!]! };

  const iso = Date.parse(text.trim());
  if (/^\d{4}-\d\d-\d\dt.*(z|[+-]\d\d:?\d\d)$/.test(typed) && !Number.isNaN(iso)) return past(iso, now);

  const clock = /(?:^| |t)(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?(?:[.,](\d{1,3}))?$/.exec(typed);
  const words = (clock ? typed.slice(0, clock.index) : typed).trim().replace(/,$/, "");
  const date = dayOf(words, shown, now);
  if (!date) return { error: `“${text.trim()}” is no time. Try 14:03, yesterday 14:03 or 28 Nov 14:03` };
  if (!clock && words === "") return { error: "Type a time, such as 14:03" };
  if (clock) {
    const [hours, minutes, seconds] = [Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0)];
    if (hours > 23 || minutes > 59 || seconds > 59) return { error: `There is no ${clock[0].trim()}` };
    date.setHours(hours, minutes, seconds, Number((clock[4] ?? "").padEnd(3, "0")));
  }
  return past(date.getTime(), now);
}

function past(at: number, now: number): TypedTime {
  return at > now ? { error: "That is in the future" } : { at };
}

/** Local midnight of the day that the words name; null when they name none. */
function dayOf(words: string, shown: number, now: number): Date | null {
  const midnight = (ms: number) => {
    const date = new Date(ms);
    date.setHours(0, 0, 0, 0);
    return date;
  };
  if (words === "") return midnight(shown);
  const today = midnight(now);
  if (words === "today") return today;
  if (words === "yesterday") return before(today, 1);

  const weekday = weekdays.findIndex((name) => words.length >= 3 && words.startsWith(name));
  if (weekday >= 0 && /^[a-z]+$/.test(words)) return before(today, (today.getDay() - weekday + 7) % 7 || 7);

  const whole = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(words);
  if (whole) return dated(Number(whole[1]), Number(whole[2]) - 1, Number(whole[3]));

  const named = /^(?:[a-z]{3,9},? )?(\d{1,2})\.? ([a-z]{3,9})(?: (\d{4}))?$/.exec(words);
  const american = /^([a-z]{3,9}) (\d{1,2})(?:,? (\d{4}))?$/.exec(words);
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})?$/.exec(words);
  const [dayText, month, year] = named
    ? [named[1], monthOf(named[2]!), named[3]]
    : american
      ? [american[2], monthOf(american[1]!), american[3]]
      : dotted
        ? [dotted[1], Number(dotted[2]) - 1, dotted[3]]
        : [undefined, -1, undefined];
  if (dayText === undefined || month < 0) return null;
  if (year) return dated(Number(year), month, Number(dayText));
  // Without a year: the last such day.
  const recent = dated(today.getFullYear(), month, Number(dayText));
  return recent && recent > today ? dated(today.getFullYear() - 1, month, Number(dayText)) : recent;
}

const monthOf = (name: string) => months.findIndex((m) => name.startsWith(m));

function before(date: Date, days: number): Date {
  const result = new Date(date);
  result.setDate(result.getDate() - days);
  return result;
}

/** Null for the 31st of November. */
function dated(year: number, month: number, dayOfMonth: number): Date | null {
  const date = new Date(year, month, dayOfMonth);
  return date.getMonth() === month && date.getDate() === dayOfMonth ? date : null;
}
