import { words } from "./words";

/**
 * Reads a time as an operator types it: "14:03", "14:03:07", "yesterday 14:03", "28 Nov 9:15", "2026-11-28 14:03", "10 min ago"; in
 * German "gestern 14:03", "28.11. 9:15", "vor 10 min". Both are understood whatever the language: a link or a habit brings the other one.
 */

const months = [
  ["jan", "jän"],
  ["feb"],
  ["mar", "mär", "mrz"],
  ["apr"],
  ["may", "mai"],
  ["jun"],
  ["jul"],
  ["aug"],
  ["sep"],
  ["oct", "okt"],
  ["nov"],
  ["dec", "dez"],
];
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const germanWeekdays = ["sonntag", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag"];
const daysBack: Record<string, number> = {
  today: 0,
  heute: 0,
  yesterday: 1,
  gestern: 1,
  vorgestern: 2,
};
const units: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  std: 3_600_000,
  stunde: 3_600_000,
  d: 86_400_000,
  t: 86_400_000,
};

export type TypedTime = { at: number } | { error: string };

/** @param shown The time that is shown: a clock without a day means that day. */
export function readTime(text: string, shown: number, now: number): TypedTime {
  const typed = text
    .trim()
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/ uhr$/, "")
    .replace(/ um (?=\d)/, " ");
  if (typed === "") return { error: words.typeATime };
  if (typed === "now" || typed === "jetzt") return { at: now };
  const ago = /^(\d+) ?(s|m|h|d)[a-z]* ago$/.exec(typed) ?? /^vor (\d+) ?(stunde|std|s|m|h|d|t)[a-z]*\.?$/.exec(typed);
  if (ago) return { at: now - Number(ago[1]) * units[ago[2]!]! };

  const iso = Date.parse(text.trim());
  if (/^\d{4}-\d\d-\d\dt.*(z|[+-]\d\d:?\d\d)$/.test(typed) && !Number.isNaN(iso)) return past(iso, now);

  // "28.11." and "10.11.26" are days, not clocks.
  const dotted = /^\d{1,2}\.\d{1,2}\.(?:\d{2}|\d{4})?$/.test(typed) || /^(?:2[4-9]|3[01])\.\d{1,2}$/.test(typed);
  const clock = dotted ? null : /(?:^| |t)(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?(?:[.,](\d{1,3}))?$/.exec(typed);
  const dayText = (clock ? typed.slice(0, clock.index) : typed).trim().replace(/,$/, "");
  const date = dayOf(dayText, shown, now);
  if (!date) return { error: words.noTime(text.trim()) };
  if (!clock && dayText === "") return { error: words.typeATime };
  if (clock) {
    const [hours, minutes, seconds] = [Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0)];
    if (hours > 23 || minutes > 59 || seconds > 59) return { error: words.noSuchTime(clock[0].trim()) };
    date.setHours(hours, minutes, seconds, Number((clock[4] ?? "").padEnd(3, "0")));
  }
  return past(date.getTime(), now);
}

function past(at: number, now: number): TypedTime {
  return at > now ? { error: words.inTheFuture } : { at };
}

/** Local midnight of the day that the text names; null when it names none. */
function dayOf(text: string, shown: number, now: number): Date | null {
  const midnight = (ms: number) => {
    const date = new Date(ms);
    date.setHours(0, 0, 0, 0);
    return date;
  };
  if (text === "") return midnight(shown);
  const today = midnight(now);
  const back = daysBack[text];
  if (back !== undefined) return before(today, back);

  const weekday = weekdayOf(text);
  if (weekday >= 0) return before(today, (today.getDay() - weekday + 7) % 7 || 7);

  const whole = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (whole) return dated(Number(whole[1]), Number(whole[2]) - 1, Number(whole[3]));

  const named = /^(?:[a-zä]{2,10}\.?,? )?(\d{1,2})\.? ([a-zä]{3,9})\.?(?: (\d{4}))?$/.exec(text);
  const american = /^([a-zä]{3,9}) (\d{1,2})(?:,? (\d{4}))?$/.exec(text);
  const dotted = /^(\d{1,2})\.(\d{1,2})(?:\.(\d{2}|\d{4})?)?$/.exec(text);
  const [dayText, month, year] = named
    ? [named[1], monthOf(named[2]!), named[3]]
    : american
      ? [american[2], monthOf(american[1]!), american[3]]
      : dotted
        ? [dotted[1], Number(dotted[2]) - 1, dotted[3]?.length === 2 ? `20${dotted[3]}` : dotted[3]]
        : [undefined, -1, undefined];
  if (dayText === undefined || month < 0) return null;
  if (year) return dated(Number(year), month, Number(dayText));
  // Without a year: the last such day.
  const recent = dated(today.getFullYear(), month, Number(dayText));
  return recent && recent > today ? dated(today.getFullYear() - 1, month, Number(dayText)) : recent;
}

/** 0 for Sunday; −1 for what is no day of the week. German ones are two letters ("Mo", "Mo.") or the whole word: "so" begins many words. */
function weekdayOf(text: string): number {
  if (!/^[a-z]+\.?$/.test(text)) return -1;
  const plain = text.replace(".", "");
  const german = germanWeekdays.findIndex((name) => plain === name || plain === name.slice(0, 2));
  return german >= 0 ? german : weekdays.findIndex((name) => plain.length >= 3 && plain.startsWith(name));
}

const monthOf = (name: string) => months.findIndex((names) => names.some((m) => name.startsWith(m)));

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
