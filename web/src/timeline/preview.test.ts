import { describe, expect, it } from "vitest";
import { noFootage, type Footage } from "./footage";
import { previewPlace, previewStep } from "./preview";
import { hour, minute, second } from "./scale";

const recorded = (...spans: [number, number][]): Footage => ({
  ...noFootage,
  recordings: spans.map(([from, to]) => ({ from: from * second, to: to * second })),
});

describe("previewPlace", () => {
  const footage = recorded([100, 203], [290, 400]);

  it.each([
    ["in the middle", 151, 150],
    ["before the grid's next step", 159.9, 150],
    ["in the first step of a recording", 102, 100],
    ["just behind a gap, not what lies before it", 294, 290],
    ["just before a recording", 286, 290],
  ])("%s", (_, at, expected) => {
    expect(previewPlace(footage, at * second, 10 * second)).toEqual({ at: expected * second, within: 10 * second });
  });

  it.each([
    ["in a gap", 240],
    ["behind all", 401],
    ["long before all", 80],
  ])("nothing %s", (_, at) => {
    expect(previewPlace(footage, at * second, 10 * second)).toBeNull();
  });
});

describe("previewStep", () => {
  it("is as coarse as what can be told apart", () => {
    expect(previewStep({ from: 0, to: minute }, 1400)).toBe(5 * second);
    expect(previewStep({ from: 0, to: hour }, 1400)).toBe(10 * second);
    expect(previewStep({ from: 0, to: 24 * hour }, 1400)).toBe(5 * minute);
    expect(previewStep({ from: 0, to: 4000 * hour }, 1400)).toBe(hour);
  });
});
