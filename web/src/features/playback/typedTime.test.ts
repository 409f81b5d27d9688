import { describe, expect, it } from "vitest";
import { readTime } from "./typedTime";

/** Sunday. */
const now = new Date(2026, 10, 29, 15, 30).getTime();
const shown = new Date(2026, 10, 27, 9, 0, 12).getTime();
const at = (...parts: [number, number, number, number, number?, number?, number?]) => ({
  at: new Date(...parts).getTime(),
});

describe("a typed time", () => {
  it.each([
    ["14:03", at(2026, 10, 27, 14, 3)],
    [" 9:05 ", at(2026, 10, 27, 9, 5)],
    ["14:03:07", at(2026, 10, 27, 14, 3, 7)],
    ["14:03:07.5", at(2026, 10, 27, 14, 3, 7, 500)],
    ["14.03", at(2026, 10, 27, 14, 3)],
    ["today 14:03", at(2026, 10, 29, 14, 3)],
    ["Yesterday 14:03", at(2026, 10, 28, 14, 3)],
    ["yesterday", at(2026, 10, 28, 0, 0)],
    ["friday 8:00", at(2026, 10, 27, 8, 0)],
    ["Sun 8:00", at(2026, 10, 22, 8, 0)],
    ["28 Nov 14:03", at(2026, 10, 28, 14, 3)],
    ["Sat, 28 Nov, 14:03:07", at(2026, 10, 28, 14, 3, 7)],
    ["Nov 28 14:03", at(2026, 10, 28, 14, 3)],
    ["24 december 18:00", at(2025, 11, 24, 18, 0)],
    ["28.11. 14:03", at(2026, 10, 28, 14, 3)],
    ["28.11.2025 14:03", at(2025, 10, 28, 14, 3)],
    ["2026-11-28 14:03", at(2026, 10, 28, 14, 3)],
    ["2026-11-28", at(2026, 10, 28, 0, 0)],
    ["2026-11-28T14:03:07Z", { at: Date.UTC(2026, 10, 28, 14, 3, 7) }],
    ["now", { at: now }],
    ["10 min ago", { at: now - 600_000 }],
    ["2h ago", { at: now - 7_200_000 }],
    ["heute 14:03 Uhr", at(2026, 10, 29, 14, 3)],
    ["gestern", at(2026, 10, 28, 0, 0)],
    ["gestern um 14:03", at(2026, 10, 28, 14, 3)],
    ["28.11.", at(2026, 10, 28, 0, 0)],
    ["28.11", at(2026, 10, 28, 0, 0)],
    ["10.11.26", at(2026, 10, 10, 0, 0)],
    ["14.03", at(2026, 10, 27, 14, 3)],
    ["vorgestern 9:05", at(2026, 10, 27, 9, 5)],
    ["So 8:00", at(2026, 10, 22, 8, 0)],
    ["Mittwoch 8:00", at(2026, 10, 25, 8, 0)],
    ["Sa., 28. Nov., 14:03:07", at(2026, 10, 28, 14, 3, 7)],
    ["3. März 7:15", at(2026, 2, 3, 7, 15)],
    ["24. Dez. 2025 18:00", at(2025, 11, 24, 18, 0)],
    ["jetzt", { at: now }],
    ["vor 10 Min", { at: now - 600_000 }],
    ["vor 2 Stunden", { at: now - 7_200_000 }],
    ["vor 30 Sekunden", { at: now - 30_000 }],
  ])("%s", (text, expected) => {
    expect(readTime(text, shown, now)).toEqual(expected);
  });

  it.each([
    ["", /Type a time/],
    ["soon", /no time/],
    ["25:00", /There is no 25:00/],
    ["14:75", /There is no 14:75/],
    ["31 nov 14:03", /no time/],
    ["today 23:59", /future/],
    ["2027-01-01 00:00", /future/],
  ])("refuses %j and says why", (text, why) => {
    const result = readTime(text, shown, now);
    expect("error" in result ? result.error : "").toMatch(why);
  });
});
