import { describe, expect, it } from "vitest";
import { maxScale, moved, whole, zoomAt, zoomTo } from "./zoom";

const tile = { width: 800, height: 450 };
const shown = (z: { scale: number; left: number; top: number }, p: { x: number; y: number }) => ({
  x: z.scale * p.x + z.left,
  y: z.scale * p.y + z.top,
});

describe("digital zoom", () => {
  it("keeps the point under the pointer where it is", () => {
    const at = { x: 600, y: 100 };
    const once = zoomAt(whole, 2, at, tile);
    expect(shown(once, at)).toEqual(at);
    expect(zoomAt(once, 2, at, tile).scale).toBe(4);
  });

  it("shows the whole picture again when zoomed out, wherever it was dragged to", () => {
    const dragged = moved(zoomAt(whole, 3, { x: 400, y: 225 }, tile), { x: -5000, y: 90 }, tile);
    expect(dragged.left).toBe(-1600);
    expect(zoomAt(dragged, 0.01, { x: 1, y: 1 }, tile)).toEqual(whole);
  });

  it("never leaves a gap at an edge", () => {
    const corner = zoomAt(whole, 2, { x: 0, y: 0 }, tile);
    expect(moved(corner, { x: 100, y: 100 }, tile)).toEqual({ scale: 2, left: 0, top: 0 });
  });

  it("fills the tile with a drawn rectangle, in whatever direction it was drawn", () => {
    const forwards = zoomTo(whole, { x: 100, y: 50 }, { x: 300, y: 150 }, tile);
    expect(forwards.scale).toBe(4);
    expect(shown(forwards, { x: 200, y: 100 })).toEqual({ x: 400, y: 225 });
    expect(zoomTo(whole, { x: 300, y: 150 }, { x: 100, y: 50 }, tile)).toEqual(forwards);
  });

  it("takes a tiny rectangle for a slip of the hand", () => {
    expect(zoomTo(whole, { x: 10, y: 10 }, { x: 14, y: 200 }, tile)).toBe(whole);
  });

  it("ends at sixteen times", () => {
    expect(zoomAt(whole, 1000, { x: 3, y: 3 }, tile).scale).toBe(maxScale);
    expect(zoomTo(whole, { x: 0, y: 0 }, { x: 9, y: 9 }, tile).scale).toBe(maxScale);
  });
});
