import { describe, expect, it } from "vitest";
import { drawn, moved, parseRegion, regionText, resized } from "./region";

const region = { x: 0.2, y: 0.3, width: 0.4, height: 0.2 };
const close = (actual: object | null, expected: object) =>
  expect(Object.fromEntries(Object.entries(actual!).map(([k, v]) => [k, Number((v as number).toFixed(6))]))).toEqual(
    expected,
  );

describe("a region of the picture", () => {
  it("is what lies between two corners, wherever the finger began, and ends at the picture's edge", () => {
    close(drawn({ x: 0.6, y: 0.5 }, { x: 0.2, y: 0.3 }), region);
    close(drawn({ x: 0.8, y: -0.2 }, { x: 1.3, y: 0.1 }), { x: 0.8, y: 0, width: 0.2, height: 0.1 });
  });

  it("is not a slip of the hand", () => {
    expect(drawn({ x: 0.5, y: 0.5 }, { x: 0.51, y: 0.9 })).toBeNull();
    expect(drawn({ x: 1.1, y: 0.1 }, { x: 1.5, y: 0.9 })).toBeNull();
  });

  it("stays in the picture, as large as it is, when it is moved", () => {
    close(moved(region, { x: 0.1, y: -0.1 }), { x: 0.3, y: 0.2, width: 0.4, height: 0.2 });
    close(moved(region, { x: 5, y: -5 }), { x: 0.6, y: 0, width: 0.4, height: 0.2 });
  });

  it("follows the handle, whose edge does not pass the one across", () => {
    close(resized(region, "se", { x: 0.1, y: 0.1 }), { x: 0.2, y: 0.3, width: 0.5, height: 0.3 });
    close(resized(region, "w", { x: -0.5, y: 0.4 }), { x: 0, y: 0.3, width: 0.6, height: 0.2 });
    close(resized(region, "nw", { x: 1, y: 1 }), { x: 0.58, y: 0.48, width: 0.02, height: 0.02 });
  });

  it("comes back from its text", () => {
    close(parseRegion(regionText(region)), region);
    for (const text of ["", "1,2", "0,0,2,1", "a,b,c,d", "0.1,0.1,0.001,0.5", "-0.1,0,1,1"])
      expect(parseRegion(text)).toBeNull();
  });
});
