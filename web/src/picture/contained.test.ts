import { describe, expect, it } from "vitest";
import { contained } from "./contained";

describe("the place of a picture in its box", () => {
  it("leaves bars at the sides or above and below", () => {
    expect(contained({ width: 1000, height: 450 }, 16 / 9)).toEqual({ left: 100, top: 0, width: 800, height: 450 });
    expect(contained({ width: 400, height: 500 }, 4 / 3)).toEqual({ left: 0, top: 100, width: 400, height: 300 });
  });
});
