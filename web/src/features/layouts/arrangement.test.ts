import { describe, expect, it } from "vitest";
import {
  allTiles,
  arrangementOf,
  filled,
  grow,
  isLarge,
  put,
  refilled,
  requestOf,
  resized,
  seenOf,
  tileAt,
  type Arrangement,
} from "./arrangement";

/** The wall as a picture: a letter for each camera, a dot for an empty place. */
function drawn(a: Arrangement): string[] {
  return Array.from({ length: a.rows }, (_, y) =>
    Array.from({ length: a.columns }, (_, x) => tileAt(a, x, y).cameraId ?? ".").join(""),
  );
}

describe("an arrangement of cameras", () => {
  it("is filled row by row, around a large first tile where there is one", () => {
    expect(drawn(filled(2, 2, ["a", "b", "c"]))).toEqual(["ab", "c."]);
    expect(drawn(filled(3, 3, ["a", "b", "c", "d", "e", "f"], 2))).toEqual(["aab", "aac", "def"]);
  });

  it("shows a camera once: put elsewhere it changes places", () => {
    const wall = filled(2, 2, ["a", "b", "c"]);
    expect(drawn(put(wall, 1, 0, "a"))).toEqual(["ba", "c."]);
    expect(drawn(put(wall, 1, 1, "a"))).toEqual([".b", "ca"]);
    expect(drawn(put(wall, 0, 0, "d"))).toEqual(["db", "c."]);
    expect(drawn(put(wall, 0, 0, null))).toEqual([".b", "c."]);
  });

  it("merges places that are empty, and pushes no camera out", () => {
    const wall = filled(3, 2, ["a", "b"]);
    expect(grow(wall, 0, 0, 1, 0)).toBeNull();
    const high = grow(wall, 0, 0, 0, 1)!;
    expect(drawn(high)).toEqual(["ab.", "a.."]);
    expect(grow(high, 0, 0, 0, 1)).toBeNull();
    expect(drawn(grow(high, 0, 0, 0, -1)!)).toEqual(["ab.", "..."]);
    expect(grow(wall, 0, 0, -1, 0)).toBeNull();
  });

  it("keeps its cameras in a smaller grid as long as there is room", () => {
    const wall = filled(3, 3, ["a", "b", "c"], 2);
    expect(drawn(resized(wall, 2, 2)!)).toEqual(["aa", "aa"]);
    expect(drawn(resized(filled(3, 1, ["a", "b", "c"]), 2, 2)!)).toEqual(["ab", "c."]);
  });

  it("has each tile once in the order of reading", () => {
    expect(allTiles(filled(3, 3, [], 2)).map((t) => [t.x, t.y])).toEqual([
      [0, 0],
      [2, 0],
      [2, 1],
      [0, 2],
      [1, 2],
      [2, 2],
    ]);
  });

  it("keeps what is hidden in its place, whatever is done around it", () => {
    const tiles = [{ x: 1, y: 0, width: 1, height: 1, cameraId: null, stream: "auto" as const, hidden: true as const }];
    const wall = put({ columns: 2, rows: 2, tiles }, 0, 0, "a");
    expect(put(wall, 1, 0, "b")).toBe(wall);
    expect(put(wall, 1, 0, null)).toBe(wall);
    expect(grow(wall, 0, 0, 1, 0)).toBeNull();
    expect(grow(wall, 1, 0, 0, 1)).toBeNull();
    expect(resized(wall, 1, 2)).toBeNull();
    expect(refilled(wall, 3, 3, 2)).toBeNull();
    const wide = refilled(put(wall, 1, 1, "b"), 3, 1, 1)!;
    expect(drawn(wide)).toEqual(["a.b"]);
    expect(wide.tiles).toContainEqual(tiles[0]);
    expect(requestOf(wide).cells.map((c) => c.cameraId)).toEqual(["a", "b"]);
    expect(seenOf(wide).tiles).toHaveLength(2);
  });

  it("goes to the server and comes back the same", () => {
    const wall = filled(4, 3, ["a", "b", "c"], 2);
    const request = requestOf(wall);
    expect(request.grid).toBe("custom");
    const back = arrangementOf({ columns: request.columns!, rows: request.rows!, cells: request.cells });
    expect(drawn(back)).toEqual(drawn(wall));
    expect(requestOf(filled(3, 3, ["a"])).grid).toBe("9");
    expect(requestOf(filled(2, 1, ["a"])).grid).toBe("custom");
  });

  it("shows the large stream in a tile that fills more than a quarter of the wall", () => {
    const wall = filled(3, 3, ["a", "b"], 2);
    expect(isLarge(tileAt(wall, 0, 0), wall)).toBe(true);
    expect(isLarge(tileAt(wall, 2, 0), wall)).toBe(false);
  });
});
