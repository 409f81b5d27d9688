/** A rectangle of the picture, in parts of its width and height from the top left: 0 to 1. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Place {
  x: number;
  y: number;
}

/** Which edges a handle moves. */
export const handles = ["nw", "n", "ne", "e", "se", "s", "sw", "w"] as const;
export type Handle = (typeof handles)[number];

/** The server looks at sixteen cells across; a slip of the hand is no region. */
export const leastSide = 0.02;

const inside = (value: number) => Math.min(1, Math.max(0, value));

/** Between two corners, wherever they were dragged; null when it is too small to be meant. */
export function drawn(from: Place, to: Place): Region | null {
  const [left, right] = [inside(Math.min(from.x, to.x)), inside(Math.max(from.x, to.x))];
  const [top, bottom] = [inside(Math.min(from.y, to.y)), inside(Math.max(from.y, to.y))];
  if (right - left < leastSide || bottom - top < leastSide) return null;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Stays in the picture, and as large as it is. */
export function moved(region: Region, by: Place): Region {
  return {
    ...region,
    x: Math.min(1 - region.width, Math.max(0, region.x + by.x)),
    y: Math.min(1 - region.height, Math.max(0, region.y + by.y)),
  };
}

/** One or two of its edges follow; none passes the one across. */
export function resized(region: Region, handle: Handle, by: Place): Region {
  let [left, right] = [region.x, region.x + region.width];
  let [top, bottom] = [region.y, region.y + region.height];
  if (handle.includes("w")) left = Math.min(right - leastSide, inside(left + by.x));
  if (handle.includes("e")) right = Math.max(left + leastSide, inside(right + by.x));
  if (handle.includes("n")) top = Math.min(bottom - leastSide, inside(top + by.y));
  if (handle.includes("s")) bottom = Math.max(top + leastSide, inside(bottom + by.y));
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** As the API and addresses write it. */
export const regionText = ({ x, y, width, height }: Region) =>
  [x, y, width, height].map((n) => Number(n.toFixed(4))).join(",");

export function parseRegion(text: string): Region | null {
  const numbers = text.split(",").map(Number);
  if (numbers.length !== 4 || !numbers.every((n) => n >= 0 && n <= 1)) return null;
  const [x, y, width, height] = numbers as [number, number, number, number];
  return drawn({ x, y }, { x: x + width, y: y + height });
}
