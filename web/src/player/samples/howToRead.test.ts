import { describe, expect, it } from "vitest";
import { groupsFor, modeFor, strideFor, whole } from "./howToRead";

const known = { groupMs: 2_000, frameMs: 40, costMs: 1 };

describe("what is read", () => {
  it.each([
    ["every picture at the speeds of an eye", -1, known, false],
    ["every picture, four times as fast", -4, known, false],
    ["keyframes where they come often enough", 16, known, true],
    ["whole groups where keyframes are rare", 16, { ...known, groupMs: 10_000 }, false],
    ["keyframes, as long as nothing is known", -8, { ...known, groupMs: null, costMs: null }, true],
    ["keyframes where the decoder does not keep up", -4, { ...known, costMs: 12 }, true],
    ["whole groups, late, where keyframes would be hardly any", -4, { ...known, groupMs: 5_000, costMs: 12 }, false],
    ["every picture at 1×, however slow the decoder", -1, { ...known, costMs: 60 }, false],
  ])("%s", (_, rate, what, keyframes) => expect(modeFor(rate, what).keyframes).toBe(keyframes));

  it("of keyframes is no more than an eye takes", () => expect(modeFor(-16, known).everyUs).toBe(1_066_667));

  it("leaves pictures out only above fifty a second", () =>
    expect([-0.25, -1, -2, -4, -8].map((rate) => strideFor(rate, 40))).toEqual([1, 1, 1, 2, 4]));

  it("is enough for two seconds, and not much for a step", () =>
    expect([0, -1, -4, -16].map((rate) => groupsFor(rate, whole, 2_000))).toEqual([1, 2, 4, 8]));
});
