import { expect, test } from "vitest";
import { aimOf } from "./aim";

// A picture of 16:9 in a square: bars of 175 px above and below.
const element = { width: 800, height: 800 };
const aspect = 16 / 9;

test("a click is a place of the picture, without the bars around it", () => {
  expect(aimOf({ x: 400, y: 400 }, { x: 402, y: 401 }, element, aspect)).toEqual({ x: 0.5, y: 0.5 });
  expect(aimOf({ x: 400, y: 100 }, { x: 400, y: 100 }, element, aspect)).toBeNull();
});

test("a box is the same from whichever corner it is drawn, and ends with the picture", () => {
  const aim = { x: 0.75, y: 0.75, width: 0.5, height: 0.5 };
  expect(aimOf({ x: 400, y: 400 }, { x: 900, y: 790 }, element, aspect)).toEqual(aim);
  expect(aimOf({ x: 900, y: 790 }, { x: 400, y: 400 }, element, aspect)).toEqual(aim);
});

test("a box in a bar is none", () => {
  expect(aimOf({ x: 100, y: 20 }, { x: 300, y: 120 }, element, aspect)).toBeNull();
});
