import { expect, it } from "vitest";
import { crossingArrow } from "./crossingArrow";

it("points to the right of whoever goes along the line", () => {
  const eastwards = crossingArrow(
    [
      { x: 0, y: 10 },
      { x: 100, y: 10 },
    ],
    20,
  );
  expect(eastwards).toEqual({ from: { x: 50, y: 0 }, to: { x: 50, y: 20 } });
  const upwards = crossingArrow(
    [
      { x: 10, y: 100 },
      { x: 10, y: 0 },
    ],
    20,
  );
  expect(upwards).toEqual({ from: { x: 0, y: 50 }, to: { x: 20, y: 50 } });
});

it("stands at half of the length of a line with corners", () => {
  const arrow = crossingArrow(
    [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 90 },
    ],
    4,
  );
  expect(arrow).toEqual({ from: { x: 12, y: 40 }, to: { x: 8, y: 40 } });
});

it("is none for a line without length", () => {
  expect(
    crossingArrow(
      [
        { x: 5, y: 5 },
        { x: 5, y: 5 },
      ],
      20,
    ),
  ).toBeNull();
});
