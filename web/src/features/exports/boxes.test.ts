import { describe, expect, it } from "vitest";
import { boxBetween, keyedBox, largeEnough } from "./boxes";

describe("areas to hide", () => {
  it("lie between two corners in any order, and within the picture", () => {
    expect(boxBetween([0.25, 0.5], [0.75, 0.625])).toEqual([0.25, 0.5, 0.5, 0.125]);
    expect(boxBetween([0.75, 0.625], [0.25, 0.5])).toEqual([0.25, 0.5, 0.5, 0.125]);
    expect(boxBetween([-0.5, 0.5], [0.5, 1.5])).toEqual([0, 0.5, 0.5, 0.5]);
  });

  it("are not made by a click", () => {
    expect(largeEnough(boxBetween([0.5, 0.5], [0.505, 0.9]))).toBe(false);
    expect(largeEnough(boxBetween([0.5, 0.5], [0.6, 0.6]))).toBe(true);
  });

  it("are moved and sized by keys and stay in the picture", () => {
    expect(keyedBox([0.5, 0.5, 0.25, 0.25], "ArrowRight", false)).toEqual([0.51, 0.5, 0.25, 0.25]);
    expect(keyedBox([0.5, 0.5, 0.25, 0.25], "ArrowUp", true)).toEqual([0.5, 0.5, 0.25, 0.24]);
    expect(keyedBox([0.75, 0, 0.25, 0.25], "ArrowRight", false)).toEqual([0.75, 0, 0.25, 0.25]);
    expect(keyedBox([0.75, 0, 0.25, 0.25], "ArrowRight", true)).toEqual([0.75, 0, 0.25, 0.25]);
    expect(keyedBox([0, 0, 0.02, 0.02], "ArrowLeft", true)).toEqual([0, 0, 0.02, 0.02]);
    expect(keyedBox([0, 0, 0.5, 0.5], "a", false)).toBeNull();
  });
});
