import { expect, test } from "vitest";
import { keysVector, stickVector } from "./stick";

test("a stick at its middle moves nothing, at its edge and beyond it is at full speed", () => {
  expect(stickVector(3, -4, 60)).toEqual({ pan: 0, tilt: 0, zoom: 0 });
  expect(stickVector(60, 0, 60)).toEqual({ pan: 1, tilt: 0, zoom: 0 });
  expect(stickVector(0, -200, 60)).toEqual({ pan: 0, tilt: 1, zoom: 0 });
});

test("upwards is up, and near the middle it is finer", () => {
  const half = stickVector(0, 30, 60);
  expect(half.tilt).toBeLessThan(0);
  expect(Math.abs(half.tilt)).toBeLessThan(0.5);
});

test("two keys together move it across, opposite ones not at all", () => {
  expect(keysVector(new Set(["ArrowLeft", "ArrowUp"]), false)).toEqual({ pan: -0.5, tilt: 0.5, zoom: 0 });
  expect(keysVector(new Set(["ArrowLeft", "ArrowRight"]), false)).toEqual({ pan: 0, tilt: 0, zoom: 0 });
  expect(keysVector(new Set(["+"]), true)).toEqual({ pan: 0, tilt: 0, zoom: 1 });
  expect(keysVector(new Set(["a"]), false)).toBeNull();
});
