import { expect, it } from "vitest";
import { placeInTile } from "./placeInTile";
import { whole, zoomAt } from "./zoom";

const tile = { width: 1000, height: 450 };

it("lies between its bars", () => {
  expect(placeInTile(tile, 16 / 9, whole)).toEqual({ left: 100, top: 0, width: 800, height: 450 });
});

it("keeps the point of the picture under the pointer there when it is magnified", () => {
  const at = { x: 300, y: 90 };
  const before = placeInTile(tile, 16 / 9, whole);
  const part = { x: (at.x - before.left) / before.width, y: (at.y - before.top) / before.height };
  const after = placeInTile(tile, 16 / 9, zoomAt(whole, 3, at, tile));
  expect(after.left + part.x * after.width).toBeCloseTo(at.x);
  expect(after.top + part.y * after.height).toBeCloseTo(at.y);
});
