import { describe, expect, it } from "vitest";
import { day, hour, minute } from "@/timeline/scale";
import { barsOf, closer, dragged, moved, periodOf, totalsOf, wider } from "./axis";

const whole = { from: 0, to: 8 * hour };

it.each([
  [hour, "minute"],
  [day, "tenMinutes"],
  [7 * day, "hour"],
  [30 * day, "day"],
  [800 * day, "week"],
])("%d ms are drawn by the %s", (length, by) => expect(periodOf({ from: 0, to: length })).toBe(by));

it("the bars are those of the chosen classes, or of all", () => {
  const series = [
    { name: "person", counts: [1, 2] },
    { name: "car", counts: [0, 4] },
    { name: null, counts: [1, 0] },
  ].map((s) => ({ ...s, cameraId: null, cameraName: null, direction: null, total: 0 }));
  const counts = { starts: ["a", "b"], series };
  expect(totalsOf(counts, [])).toEqual([2, 6]);
  expect(totalsOf(counts, ["car"])).toEqual([0, 4]);
});

it("bars begin and end within what is shown", () => {
  const starts = [0, 1, 2].map((h) => new Date(h * hour).toISOString());
  expect(barsOf(starts, [1, 4, 0], { from: 30 * minute, to: 2.5 * hour })).toEqual([
    { from: 30 * minute, to: hour, count: 1, height: 0.25 },
    { from: hour, to: 2 * hour, count: 4, height: 1 },
    { from: 2 * hour, to: 2.5 * hour, count: 0, height: 0 },
  ]);
});

it("periods beside what is shown have no bar", () => {
  const starts = [0, 1, 2].map((h) => new Date(h * hour).toISOString());
  expect(barsOf(starts, [1, 1, 1], { from: 1.5 * hour, to: 1.75 * hour }).map((b) => b.from)).toEqual([1.5 * hour]);
});

describe("a part of the time", () => {
  it("is what was dragged over, whichever way, and nothing outside", () => {
    expect(dragged(3 * hour, hour, whole)).toEqual({ from: hour, to: 3 * hour });
    expect(dragged(-hour, hour, whole)).toEqual({ from: 0, to: hour });
    expect(dragged(hour, hour + 1, whole)).toBeNull();
  });

  it("gets closer around what is looked at, and stays within", () => {
    expect(closer(whole, null)).toEqual({ from: 2 * hour, to: 6 * hour });
    expect(closer(whole, hour)).toEqual({ from: 0, to: 4 * hour });
    expect(closer({ from: 0, to: minute }, null)).toEqual({ from: 0, to: minute });
  });

  it("gets wider until it is all", () => {
    expect(wider({ from: hour, to: 2 * hour }, whole)).toEqual({ from: 0.5 * hour, to: 2.5 * hour });
    expect(wider({ from: 0, to: hour }, whole)).toEqual({ from: 0, to: 2 * hour });
    expect(wider({ from: 0, to: 4 * hour }, whole)).toBeNull();
  });

  it("moves by its length, up to the ends", () => {
    expect(moved({ from: hour, to: 2 * hour }, whole, 1)).toEqual({ from: 2 * hour, to: 3 * hour });
    expect(moved({ from: 0, to: 2 * hour }, whole, -1)).toEqual({ from: 0, to: 2 * hour });
  });
});
