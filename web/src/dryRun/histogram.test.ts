import { expect, it } from "vitest";
import { barsOf } from "./histogram";

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
const iso = (day: number, hour: number) => new Date(at(day, hour)).toISOString();

it("has a bar for each hour of a day, also for those without anything", () => {
  const bars = barsOf([{ at: iso(21, 14), fired: 3 }], at(21, 0, 30), at(22, 0, 30), 1);
  expect(bars).toHaveLength(25);
  expect(bars[0]!.from).toBe(at(21, 0));
  expect(bars.filter((b) => b.fired > 0)).toEqual([{ from: at(21, 14), to: at(21, 15), fired: 3 }]);
});

it("adds up the hours of a local day", () => {
  const hours = [
    { at: iso(20, 23), fired: 1 },
    { at: iso(21, 0), fired: 2 },
    { at: iso(21, 23), fired: 4 },
  ];
  const bars = barsOf(hours, at(20, 12), at(22, 12), 24);
  expect(bars.map((b) => b.fired)).toEqual([1, 6, 0]);
});
