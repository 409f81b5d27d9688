import { expect, test } from "vitest";
import { dayWords, isOverMidnight, quietWords, usualQuiet } from "./quiet";

const berlin = (from: string, to: string, days: string[] = []) => ({ from, to, days, timeZone: "Europe/Berlin" });

test("hours that end before they begin end on the next day, as the server counts them", () => {
  expect(isOverMidnight(berlin("22:00", "07:00"))).toBe(true);
  expect(isOverMidnight(berlin("12:00", "13:00"))).toBe(false);
  expect(quietWords(berlin("22:00", "07:00"))).toBe("Every day from 22:00 to 07:00 on the next day (Europe/Berlin).");
  expect(quietWords(berlin("12:00", "13:30", ["sat", "sun"]))).toBe("Sat, Sun from 12:00 to 13:30 (Europe/Berlin).");
});

test("three days in a row are a span, and all of them are every day", () => {
  expect(dayWords(["fri", "mon", "tue", "wed", "sun"])).toBe("Mon – Wed, Fri, Sun");
  expect(quietWords(berlin("01:00", "02:00", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))).toMatch(/^Every day/);
});

test("they begin as a night where this browser is", () => {
  expect(usualQuiet()).toEqual({
    from: "22:00",
    to: "07:00",
    days: [],
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  });
});
