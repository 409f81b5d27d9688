import { describe, expect, test } from "vitest";
import { boxThen, shapeOf, trackOf } from "./marks";

describe("what is drawn over a still", () => {
  const camera = {
    analytics: {
      lines: [
        {
          name: "Gate",
          points: [
            [0, 0.5],
            [1, 0.5],
          ],
        },
      ],
      zones: [
        {
          name: "Yard",
          polygon: [
            [0, 0],
            [1, 0],
            [1, 1],
          ],
        },
      ],
    },
  } as unknown as Parameters<typeof shapeOf>[1];

  test("is the line or the zone that the event names", () => {
    expect(shapeOf({ line: "Gate", zone: null }, camera)).toEqual({
      points: [
        [0, 0.5],
        [1, 0.5],
      ],
      closed: false,
    });
    expect(shapeOf({ line: null, zone: "Yard" }, camera)?.closed).toBe(true);
    expect(shapeOf({ line: "Gone", zone: null }, camera)).toBeNull();
    expect(shapeOf({ line: "Gate", zone: null }, undefined)).toBeNull();
  });

  test("is the way of the object, unless what the source wrote is none", () => {
    expect(
      trackOf([
        [0, 0.1, 0.2],
        [320, 0.3, 0.4],
      ]),
    ).toEqual([
      [0.1, 0.2],
      [0.3, 0.4],
    ]);
    expect(trackOf([[0, 0.1, 0.2], ["x"], [320, 0.3]])).toBeNull();
    expect(trackOf("way")).toBeNull();
    expect(trackOf(undefined)).toBeNull();
  });
});

describe("the box over a still", () => {
  const best = [0.8, 0.8, 0.1, 0.1];
  const box = ({ path, boxAtMs }: { path?: unknown; boxAtMs?: number }) =>
    boxThen({ box: best, path, boxAtMs })?.map((n) => Math.round(n * 1000) / 1000);

  test("stands on the feet of the object, where it was between two points of its way", () => {
    const path = [
      [-300, 0.2, 0.5, 0.1, 0.2],
      [100, 0.6, 0.9, 0.2, 0.4],
    ];
    expect(box({ path, boxAtMs: 4000 })).toEqual([0.413, 0.45, 0.175, 0.35]);
  });

  test("is the end of the way for a moment longer, and not for good", () => {
    expect(box({ path: [[-150, 0.5, 0.5, 0.2, 0.2]], boxAtMs: 4000 })).toEqual([0.4, 0.3, 0.2, 0.2]);
    expect(box({ path: [[900, 0.5, 0.5, 0.2, 0.2]], boxAtMs: 4000 })).toBeUndefined();
  });

  test("is the event's own where nothing says that it is of another time", () => {
    expect(box({})).toEqual(best);
    expect(box({ boxAtMs: 40 })).toEqual(best);
    expect(box({ boxAtMs: 4000 })).toBeUndefined();
    // Its way is known, but not how large it was.
    expect(box({ path: [[0, 0.5, 0.5]] })).toBeUndefined();
    expect(box({ path: [[0, 0.5, 0.5]], boxAtMs: 0 })).toEqual(best);
  });
});
