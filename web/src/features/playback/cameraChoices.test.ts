import { describe, expect, it } from "vitest";
import { layoutOf, layoutsFor, withCamera, withLayout } from "./cameraChoices";

const all = ["a", "b", "c", "d", "e"];

describe("cameras on one clock", () => {
  it("fill a larger layout with those that follow", () => {
    expect(withLayout({ cameras: ["d"], active: 0 }, 4, all)).toEqual({ cameras: ["d", "e", "a", "b"], active: 0 });
    expect(withLayout({ cameras: ["a"], active: 0 }, 4, ["a", "b"])).toEqual({ cameras: ["a", "b"], active: 0 });
  });

  it("keep the chosen one in a smaller layout", () => {
    expect(withLayout({ cameras: ["a", "b", "c", "d"], active: 3 }, 2, all)).toEqual({
      cameras: ["a", "d"],
      active: 1,
    });
    expect(withLayout({ cameras: ["a", "b"], active: 1 }, 1, all)).toEqual({ cameras: ["b"], active: 0 });
  });

  it("are offered no more tiles than they can fill", () => {
    expect(layoutsFor(1)).toEqual([1]);
    expect(layoutsFor(2)).toEqual([1, 2]);
    expect(layoutsFor(5)).toEqual([1, 2, 4, 9]);
    expect(layoutsFor(200)).toEqual([1, 2, 4, 9, 16]);
  });

  it("are never shown twice", () => {
    expect(withCamera({ cameras: ["a", "b"], active: 0 }, "c")).toEqual({ cameras: ["c", "b"], active: 0 });
    expect(withCamera({ cameras: ["a", "b"], active: 0 }, "b")).toEqual({ cameras: ["b", "a"], active: 0 });
  });

  it("need as many tiles as they are", () => {
    expect([["a"], ["a", "b"], ["a", "b", "c"], all.slice(0, 4), all].map(layoutOf)).toEqual([1, 2, 4, 4, 9]);
  });
});
