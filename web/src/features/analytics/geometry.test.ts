import { describe, expect, it } from "vitest";
import {
  contains,
  faultOf,
  middleOf,
  moved,
  nearestStretch,
  spotAt,
  withSpotAdded,
  withSpotMoved,
  withSpotRemoved,
  type Spot,
} from "./geometry";

const square: Spot[] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.6, 0.6],
  [0.2, 0.6],
];
const picture = { width: 800, height: 400 };

describe("a shape on the picture", () => {
  it("has its points in parts of the picture, and none beside it", () => {
    expect(spotAt({ x: 200, y: 100 }, picture)).toEqual([0.25, 0.25]);
    expect(spotAt({ x: -5, y: 500 }, picture)).toEqual([0, 1]);
    expect(withSpotMoved(square, 2, [1.2, 0.7])[2]).toEqual([1, 0.7]);
  });

  it("keeps its shape when it is pushed against the edge", () => {
    expect(moved(square, [0.1, 0.9])).toEqual([
      [0.3, 0.6],
      [0.7, 0.6],
      [0.7, 1],
      [0.3, 1],
    ]);
    expect(moved(square, [-0.5, 0])[0]).toEqual([0, 0.2]);
  });

  it("gets another corner where its side is taken hold of, also on the one that closes it", () => {
    expect(withSpotAdded(square, 0, [0.4, 0.1])[1]).toEqual([0.4, 0.1]);
    expect(middleOf(square, 3)).toEqual([0.2, 0.4]);
    expect(withSpotAdded(square, 3, middleOf(square, 3)).at(-1)).toEqual([0.2, 0.4]);
  });

  it("loses corners until nothing would be left of it", () => {
    const triangle = withSpotRemoved(square, 1, "polygon")!;
    expect(triangle).toEqual([square[0], square[2], square[3]]);
    expect(withSpotRemoved(triangle, 0, "polygon")).toBeNull();
    expect(withSpotRemoved(triangle, 0, "line")).toHaveLength(2);
    expect(withSpotRemoved(triangle.slice(1), 0, "line")).toBeNull();
  });

  it("is hit at its nearest side, measured in pixels", () => {
    // The picture is twice as wide as high: 40 px from the left side, 20 px from the upper one.
    expect(nearestStretch(square, "polygon", { x: 200, y: 100 }, picture)).toEqual({ index: 0, distance: 20 });
    expect(nearestStretch(square, "polygon", { x: 160, y: 160 }, picture)).toEqual({ index: 3, distance: 0 });
    // A line does not close.
    expect(nearestStretch(square, "line", { x: 160, y: 160 }, picture).index).toBe(0);
  });

  it("is hit inside, also where it has a bay", () => {
    expect(contains(square, [0.4, 0.4])).toBe(true);
    expect(contains(square, [0.7, 0.4])).toBe(false);
    const bay = withSpotAdded(square, 0, [0.4, 0.5]);
    expect(contains(bay, [0.4, 0.3])).toBe(false);
    expect(contains(bay, [0.3, 0.45])).toBe(true);
  });

  it("is told what the server would refuse", () => {
    expect(faultOf(square, "polygon")).toBeNull();
    expect(faultOf([square[0]!, square[2]!, square[1]!, square[3]!], "polygon")).toBe("selfCrossing");
    expect(faultOf([square[0]!, square[1]!, square[0]!], "polygon")).toBe("tooSmall");
    expect(faultOf([square[0]!, square[1]!], "line")).toBeNull();
    expect(faultOf([square[0]!, square[0]!], "line")).toBe("tooSmall");
    expect(faultOf([square[0]!, square[2]!, square[1]!, square[3]!], "line")).toBe("selfCrossing");
  });
});
