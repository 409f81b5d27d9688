import { describe, expect, it } from "vitest";
import { entriesOf, hasOddTimes, presets, weekFrom, weekOf } from "./schedule";

describe("schedule", () => {
  it("comes back as it went", () => {
    for (const { week } of presets) expect(weekFrom("off", entriesOf(week))).toEqual(week);
    const odd = weekOf((day, hour) => (["off", "motion", "event", "continuous"] as const)[(day * 7 + hour * 5) % 4]!);
    expect(weekFrom("off", entriesOf(odd))).toEqual(odd);
    expect(entriesOf(odd).length).toBeLessThanOrEqual(168);
  });

  it("says stretches of several days together", () => {
    expect(entriesOf(presets[1]!.week)).toEqual([
      { days: ["mon", "tue", "wed", "thu", "fri"], from: "00:00", to: "08:00", mode: "motion" },
      { days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "18:00", mode: "continuous" },
      { days: ["mon", "tue", "wed", "thu", "fri"], from: "18:00", to: "24:00", mode: "motion" },
      { days: ["sat", "sun"], from: "00:00", to: "24:00", mode: "motion" },
    ]);
    expect(entriesOf(presets[3]!.week)).toEqual([]);
  });

  it("shows entries over midnight and the later of two that overlap", () => {
    const week = weekFrom("motion", [
      { days: ["sun"], from: "22:00", to: "06:00", mode: "event" },
      { days: ["mon"], from: "05:00", to: "07:00", mode: "off" },
    ]);
    expect([week[6]![21], week[6]![22], week[0]![4], week[0]![5], week[0]![7]]).toEqual([
      "motion",
      "event",
      "event",
      "off",
      "motion",
    ]);
  });

  it("knows what it cannot show", () => {
    expect(hasOddTimes([{ days: ["mon"], from: "08:15", to: "09:00", mode: "off" }])).toBe(true);
    expect(hasOddTimes([{ days: ["mon"], from: "08:00", to: "24:00", mode: "off" }])).toBe(false);
  });
});
