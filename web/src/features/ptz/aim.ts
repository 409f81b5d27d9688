import type { PtzAim } from "@/api/ptz";
import { contained } from "@/picture/contained";
import type { Point, Size } from "@/picture/zoom";

/** A smaller box is a slip of the hand: a click is meant. */
const leastBox = 12;

const inside = (value: number) => Math.min(1, Math.max(0, value));

/**
 * What somebody means who clicks into a picture, or draws a box on it.
 * @param from in the element's pixels
 * @param to the same as `from` for a click
 * @param element that shows all of the picture, with bars around it
 * @param aspect of the picture: width by height
 * @returns null for a click beside the picture
 */
export function aimOf(from: Point, to: Point, element: Size, aspect: number): PtzAim | null {
  const frame = contained(element, aspect);
  const place = ({ x, y }: Point) => ({ x: (x - frame.left) / frame.width, y: (y - frame.top) / frame.height });
  const [a, b] = [place(from), place(to)];
  const isBox = Math.abs(to.x - from.x) >= leastBox && Math.abs(to.y - from.y) >= leastBox;
  if (!isBox) return a.x < 0 || a.x > 1 || a.y < 0 || a.y > 1 ? null : { x: a.x, y: a.y };
  const [left, right] = [inside(Math.min(a.x, b.x)), inside(Math.max(a.x, b.x))];
  const [top, bottom] = [inside(Math.min(a.y, b.y)), inside(Math.max(a.y, b.y))];
  if (right <= left || bottom <= top) return null;
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
}
