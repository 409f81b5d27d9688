import { describe, expect, it } from "vitest";
import { noFootage } from "@/timeline/footage";
import { hour, minute } from "@/timeline/scale";
import { daysOf, monthOf } from "./footageDays";

const at = (day: number, hours = 0) => new Date(2026, 10, day, hours).getTime();

describe("days with footage", () => {
  const month = monthOf(at(29, 15));
  const days = daysOf(month, {
    ...noFootage,
    recordings: [
      { from: at(3, 22), to: at(5, 1) },
      { from: at(9, 8), to: at(9, 9) },
    ],
    losses: [
      { from: at(5, 1), to: at(5, 1) + 20 * minute, cause: "cameraOffline" },
      { from: at(9, 9), to: at(10, 0) + 500, cause: "mediaRestart" },
    ],
  });

  it("are those of the month", () => {
    expect(days.map((d) => d.dayOfMonth)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(monthOf(at(29), -11).from).toBe(new Date(2025, 11, 1).getTime());
  });

  it("begin with their first footage", () => {
    expect(days.filter((d) => d.firstFootage !== null).map((d) => [d.dayOfMonth, d.firstFootage])).toEqual([
      [3, at(3, 22)],
      [4, at(4)],
      [5, at(5)],
      [9, at(9, 8)],
    ]);
  });

  it("say what was lost, but not what nobody noticed", () => {
    expect(days.filter((d) => d.lost > 0).map((d) => [d.dayOfMonth, d.lost])).toEqual([
      [5, 20 * minute],
      [9, 15 * hour],
    ]);
  });
});
