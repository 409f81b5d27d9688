import { describe, expect, it } from "vitest";
import { columnsOf, layoutFor, pageCount, pageOf, parseLayout } from "./layouts";

describe("layouts of the wall", () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 4],
    [5, 9],
    [10, 16],
    [40, 16],
  ])("%i cameras start with %i tiles", (cameras, layout) => expect(layoutFor(cameras)).toBe(layout));

  it("are square", () => expect(columnsOf(9)).toBe(3));

  it("take only known sizes from a link", () => {
    expect(parseLayout("4")).toBe(4);
    expect(parseLayout("5")).toBeNull();
    expect(parseLayout(null)).toBeNull();
  });

  it("page through more cameras than tiles", () => {
    expect(pageCount(9, 4)).toBe(3);
    expect(pageOf([1, 2, 3, 4, 5], 4, 1)).toEqual([5]);
  });

  it("show the last page when a link asks for one that is gone", () => {
    expect(pageOf([1, 2, 3], 1, 7)).toEqual([3]);
    expect(pageOf([], 4, 2)).toEqual([]);
  });
});
