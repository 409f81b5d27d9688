import { describe, expect, it } from "vitest";
import { day, hour } from "@/timeline/scale";
import { linesOf, periodFor, periodsFor, roundTop, stacked, sumsOf, toCsv } from "./counting";

const span = (length: number) => ({ from: 0, to: length });

describe("the period", () => {
  it("is what is wished, where the server counts so many", () => {
    expect(periodFor(span(day), "hour")).toBe("hour");
    expect(periodFor(span(day), "day")).toBe("day");
    expect(periodFor(span(90 * day), "hour")).toBe("day");
    expect(periodsFor(span(90 * day))).toEqual(["day", "week", "month"]);
    expect(periodsFor(span(3000 * day))).toEqual(["week", "month"]);
  });

  it("is an hour for some days, and a day for more", () => {
    expect(periodFor(span(6 * hour), null)).toBe("hour");
    expect(periodFor(span(7 * day), null)).toBe("day");
    expect(periodFor(span(30 * day), "fortnight")).toBe("day");
  });
});

it("a line has both directions, and what is left of who came", () => {
  const series = (name: string, cameraId: string, direction: string | null, counts: number[]) => ({
    name,
    cameraId,
    cameraName: cameraId,
    direction,
    counts,
    total: counts.reduce((a, b) => a + b, 0),
  });
  const lines = linesOf(
    [
      series("Gate", "yard", "in", [3, 4]),
      series("Gate", "yard", "out", [1, 2]),
      series("Gate", "door", "out", [1, 0]),
      series("Fence", "door", null, [0, 2]),
    ],
    2,
  );
  expect(lines.map((l) => [l.cameraId, l.name, l.in, l.out, l.difference])).toEqual([
    ["yard", "Gate", 7, 3, 4],
    ["door", "Fence", 2, 0, 2],
    ["door", "Gate", 0, 1, -1],
  ]);
  expect([lines[0]!.ins, lines[0]!.outs]).toEqual([
    [3, 4],
    [1, 2],
  ]);
});

it("columns stand on each other, as high as the axis says", () => {
  const columns = stacked([{ counts: [1, 0] }, { counts: [3, 2] }], 2, 4);
  expect(columns).toEqual([
    [
      { from: 0, to: 0.25 },
      { from: 0.25, to: 1 },
    ],
    [
      { from: 0, to: 0 },
      { from: 0, to: 0.5 },
    ],
  ]);
  expect(sumsOf([{ counts: [1, 0] }, { counts: [3, 2] }], 2)).toEqual([4, 2]);
  expect(stacked([], 1, 2)).toEqual([[]]);
});

it.each([
  [0, 2],
  [2, 2],
  [3, 4],
  [7, 8],
  [9, 10],
  [11, 20],
  [21, 30],
  [37, 40],
  [130, 200],
  [999, 1000],
])("the axis of %d ends at %d", (most, top) => expect(roundTop(most)).toBe(top));

it("a spreadsheet gets the numbers, and no formulas", () => {
  const counts = { starts: ["2026-12-01T00:00:00Z"] };
  const columns = [
    { name: '=HYPERLINK("x")', counts: [1] },
    { name: "Gate, in", counts: [-2] },
  ];
  expect(toCsv(counts, columns, "begins")).toBe(
    'begins,"\'=HYPERLINK(""x"")","Gate, in"\r\n2026-12-01T00:00:00Z,1,-2\r\n',
  );
});
