import type { LayoutCell, LayoutView } from "@/api/layouts";

/** As many as the server takes. */
export const maxSide = 16;

/** Which of its streams a tile shows; by itself, the one that fits its size. */
export const tileStreams = ["auto", "main", "sub"] as const;

/** A tile of the wall in places of the grid; a camera, or nothing yet. */
export interface Tile {
  x: number;
  y: number;
  width: number;
  height: number;
  cameraId: string | null;
  stream: (typeof tileStreams)[number];
  /** A camera is in it that this account does not see: it stays as it is. */
  hidden?: true;
}

/** Who stands where. `tiles` has the merged and the filled ones; every other place is an empty tile of its own. */
export interface Arrangement {
  columns: number;
  rows: number;
  tiles: readonly Tile[];
}

const single = (x: number, y: number): Tile => ({ x, y, width: 1, height: 1, cameraId: null, stream: "auto" });

/** Nothing is in it. */
export const isFree = (tile: Tile): boolean => tile.cameraId === null && !tile.hidden;

const isPlain = (tile: Tile) => isFree(tile) && tile.width === 1 && tile.height === 1;

const covers = (tile: Tile, x: number, y: number) =>
  x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height;

const overlap = (a: Tile, b: Tile) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

export const tileAt = ({ tiles }: Arrangement, x: number, y: number): Tile =>
  tiles.find((t) => covers(t, x, y)) ?? single(x, y);

/** Every tile, row by row. */
export function allTiles(arrangement: Arrangement): Tile[] {
  const tiles: Tile[] = [];
  for (let y = 0; y < arrangement.rows; y++)
    for (let x = 0; x < arrangement.columns; x++) {
      const tile = tileAt(arrangement, x, y);
      if (tile.x === x && tile.y === y) tiles.push(tile);
    }
  return tiles;
}

function replace(arrangement: Arrangement, ...changed: Tile[]): Arrangement {
  const others = arrangement.tiles.filter((t) => !changed.some((c) => overlap(c, t)));
  return { ...arrangement, tiles: [...others, ...changed.filter((t) => !isPlain(t))] };
}

/** Puts a camera into a tile. One that stands elsewhere already changes places with what was there. */
export function put(arrangement: Arrangement, x: number, y: number, cameraId: string | null): Arrangement {
  const into = tileAt(arrangement, x, y);
  const from = cameraId === null ? undefined : arrangement.tiles.find((t) => t.cameraId === cameraId);
  if (into.hidden || (from && covers(from, x, y))) return arrangement;
  const filled = { ...into, cameraId };
  return from ? replace(arrangement, filled, { ...from, cameraId: into.cameraId }) : replace(arrangement, filled);
}

/** Makes a tile wider or higher by whole places; null where it would leave the grid, vanish, or push a camera out. */
export function grow(
  arrangement: Arrangement,
  x: number,
  y: number,
  columns: number,
  rows: number,
): Arrangement | null {
  const tile = tileAt(arrangement, x, y);
  if (tile.hidden) return null;
  const grown = { ...tile, width: tile.width + columns, height: tile.height + rows };
  if (grown.width < 1 || grown.height < 1) return null;
  if (grown.x + grown.width > arrangement.columns || grown.y + grown.height > arrangement.rows) return null;
  const others = arrangement.tiles.filter((t) => t.x !== tile.x || t.y !== tile.y);
  if (others.some((t) => overlap(grown, t) && (!isFree(t) || !contains(grown, t)))) return null;
  return {
    ...arrangement,
    tiles: [...others.filter((t) => !overlap(grown, t)), ...(isPlain(grown) ? [] : [grown])],
  };
}

const contains = (outer: Tile, inner: Tile) =>
  covers(outer, inner.x, inner.y) && covers(outer, inner.x + inner.width - 1, inner.y + inner.height - 1);

/** Another grid: tiles that reach over its edge are cut, those beyond it go, and their cameras stand in what is free. Null where a hidden one would be cut. */
export function resized(arrangement: Arrangement, columns: number, rows: number): Arrangement | null {
  if (!fits(hiddenOf(arrangement), columns, rows)) return null;
  const kept: Tile[] = [];
  const lost: string[] = [];
  for (const tile of arrangement.tiles) {
    const width = Math.min(tile.width, columns - tile.x);
    const height = Math.min(tile.height, rows - tile.y);
    if (width >= 1 && height >= 1) kept.push({ ...tile, width, height });
    else if (tile.cameraId) lost.push(tile.cameraId);
  }
  let result: Arrangement = { columns, rows, tiles: kept.filter((t) => !isPlain(t)) };
  for (const cameraId of lost) {
    const free = allTiles(result).find(isFree);
    if (free) result = put(result, free.x, free.y, cameraId);
  }
  return result;
}

/** A grid of cameras in their order, the first tile as large as wished. */
export function filled(columns: number, rows: number, cameraIds: readonly string[], firstSpan = 1): Arrangement {
  return around([], columns, rows, cameraIds, firstSpan);
}

/** The cameras of an arrangement in their order in another grid; the hidden ones stay in their places. Null where there are no such places. */
export function refilled(
  arrangement: Arrangement,
  columns: number,
  rows: number,
  firstSpan: number,
): Arrangement | null {
  const hidden = hiddenOf(arrangement);
  const first = { ...single(0, 0), width: firstSpan, height: firstSpan };
  if (!fits(hidden, columns, rows) || (firstSpan > 1 && hidden.some((t) => overlap(t, first)))) return null;
  const ids = allTiles(arrangement).flatMap((t) => t.cameraId ?? []);
  return around(hidden, columns, rows, ids, firstSpan);
}

function around(
  hidden: readonly Tile[],
  columns: number,
  rows: number,
  cameraIds: readonly string[],
  firstSpan: number,
): Arrangement {
  const first = firstSpan > 1 ? [{ ...single(0, 0), width: firstSpan, height: firstSpan }] : [];
  let result: Arrangement = { columns, rows, tiles: [...hidden, ...first] };
  allTiles(result)
    .filter(isFree)
    .forEach((tile, i) => {
      const cameraId = cameraIds[i];
      if (cameraId) result = put(result, tile.x, tile.y, cameraId);
    });
  return result;
}

const hiddenOf = ({ tiles }: Arrangement) => tiles.filter((t) => t.hidden);

const fits = (tiles: readonly Tile[], columns: number, rows: number) =>
  tiles.every((t) => t.x + t.width <= columns && t.y + t.height <= rows);

/** What a layout of one's own begins with: the hidden ones are another's. */
export const seenOf = (arrangement: Arrangement): Arrangement => ({
  ...arrangement,
  tiles: arrangement.tiles.filter((t) => !t.hidden),
});

export const arrangementOf = ({
  columns,
  rows,
  cells,
}: Pick<LayoutView, "columns" | "rows" | "cells">): Arrangement => ({
  columns,
  rows,
  tiles: cells
    .map((c) => ({
      x: c.x,
      y: c.y,
      width: c.width ?? 1,
      height: c.height ?? 1,
      cameraId: c.cameraId ?? null,
      stream: tileStreams.find((s) => s === c.stream) ?? "auto",
      ...(c.hidden ? { hidden: true as const } : {}),
    }))
    .filter((t) => !isPlain(t)),
});

/** As the server wants it: the plain squares have names, any other grid its columns and rows. It keeps the hidden ones itself. */
export function requestOf({ columns, rows, tiles }: Arrangement): {
  grid: string;
  columns?: number;
  rows?: number;
  cells: LayoutCell[];
} {
  const cells = tiles.filter((tile) => !tile.hidden).map((tile) => ({ ...tile }));
  const square = columns === rows && columns <= 4 && tiles.every((t) => t.width === 1 && t.height === 1);
  return square ? { grid: String(columns * rows), cells } : { grid: "custom", columns, rows, cells };
}

/** A tile that fills so much of the wall is worth the large stream. */
export const isLarge = (tile: Tile, { columns, rows }: Arrangement): boolean =>
  (tile.width * tile.height) / (columns * rows) > 0.25;
