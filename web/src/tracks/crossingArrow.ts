import type { Point } from "@/picture/zoom";

/**
 * Which way is "in" over a line: from its left to its right, seen along it from its first point. At half of the line's length, square to it.
 * @param points in pixels: parts of the picture would be askew
 * @param length of the arrow
 * @returns null for a line without length
 */
export function crossingArrow(points: readonly Point[], length: number): { from: Point; to: Point } | null {
  const stretches = points.slice(1).map((to, i) => {
    const from = points[i]!;
    return { from, x: to.x - from.x, y: to.y - from.y, long: Math.hypot(to.x - from.x, to.y - from.y) };
  });
  let left = stretches.reduce((sum, s) => sum + s.long, 0) / 2;
  for (const { from, x, y, long } of stretches) {
    if (long > 0 && left <= long) {
      const middle = { x: from.x + (x * left) / long, y: from.y + (y * left) / long };
      // To the right where y points down.
      const [byX, byY] = [(-y / long) * (length / 2), (x / long) * (length / 2)];
      return { from: { x: middle.x - byX, y: middle.y - byY }, to: { x: middle.x + byX, y: middle.y + byY } };
    }
    left -= long;
  }
  return null;
}
