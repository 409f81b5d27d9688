import type { Point, Size } from "@/picture/zoom";

/** A place in the picture: parts of its width and height, 0 to 1 from the top left. As the API has it. */
export type Spot = readonly [x: number, y: number];

/** What is drawn: closed ones have at least three corners, lines two ends. */
export type Form = "polygon" | "line";

export const fewest: Record<Form, number> = { polygon: 3, line: 2 };
/** The server takes no more. */
export const most: Record<Form, number> = { polygon: 32, line: 8 };

const inside = (value: number) => Math.min(1, Math.max(0, value));
/** A ten-thousandth is less than a pixel. */
const rounded = (value: number) => Math.round(value * 1e4) / 1e4;
const spot = (x: number, y: number): Spot => [rounded(inside(x)), rounded(inside(y))];

/** As the API may give it. */
export const spotsOf = (points: readonly (readonly number[])[]): Spot[] => points.map(([x = 0, y = 0]) => [x, y]);

export const spotAt = (at: Point, picture: Size): Spot => spot(at.x / picture.width, at.y / picture.height);

export const pointOf = ([x, y]: Spot, picture: Size): Point => ({ x: x * picture.width, y: y * picture.height });

/** One of them elsewhere; it stays in the picture. */
export const withSpotMoved = (spots: readonly Spot[], index: number, to: Spot): Spot[] =>
  spots.map((s, i) => (i === index ? spot(...to) : s));

/** All of it elsewhere: it stays in the picture, and in its shape. */
export function moved(spots: readonly Spot[], by: Spot): Spot[] {
  const limited = (axis: 0 | 1) => {
    const values = spots.map((s) => s[axis]);
    return Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), by[axis]));
  };
  const [x, y] = [limited(0), limited(1)];
  return spots.map((s) => spot(s[0] + x, s[1] + y));
}

/** Another corner on the stretch that begins at `index`. */
export const withSpotAdded = (spots: readonly Spot[], index: number, at: Spot): Spot[] =>
  spots.toSpliced(index + 1, 0, spot(...at));

/** One less; null when nothing is left that could be called by that name. */
export const withSpotRemoved = (spots: readonly Spot[], index: number, form: Form): Spot[] | null =>
  spots.length > fewest[form] ? spots.toSpliced(index, 1) : null;

/** How many stretches there are: a polygon comes back to where it began. */
export const stretchesOf = (spots: readonly Spot[], form: Form) =>
  form === "polygon" ? spots.length : spots.length - 1;

/** Half way along the stretch that begins at `index`. */
export function middleOf(spots: readonly Spot[], index: number): Spot {
  const [a, b] = [spots[index]!, spots[(index + 1) % spots.length]!];
  return spot((a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
}

/** The stretch that is nearest to a point, and how far away it is, in pixels of the picture. */
export function nearestStretch(spots: readonly Spot[], form: Form, at: Point, picture: Size) {
  let nearest = { index: -1, distance: Infinity };
  for (let index = 0; index < stretchesOf(spots, form); index++) {
    const [a, b] = [pointOf(spots[index]!, picture), pointOf(spots[(index + 1) % spots.length]!, picture)];
    const distance = distanceTo(a, b, at);
    if (distance < nearest.distance) nearest = { index, distance };
  }
  return nearest;
}

function distanceTo(a: Point, b: Point, at: Point): number {
  const [x, y] = [b.x - a.x, b.y - a.y];
  const long = x * x + y * y;
  const part = long === 0 ? 0 : inside(((at.x - a.x) * x + (at.y - a.y) * y) / long);
  return Math.hypot(at.x - a.x - part * x, at.y - a.y - part * y);
}

/** Whether a point lies in a polygon: a ray from it crosses its sides an odd number of times. */
export function contains(polygon: readonly Spot[], [x, y]: Spot): boolean {
  let within = false;
  polygon.forEach(([ax, ay], i) => {
    const [bx, by] = polygon[(i + 1) % polygon.length]!;
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) within = !within;
  });
  return within;
}

/** What the server would refuse of a shape; null when it is right. */
export function faultOf(spots: readonly Spot[], form: Form): "selfCrossing" | "tooSmall" | null {
  if (crossesItself(spots, form)) return "selfCrossing";
  return form === "polygon" ? (areaOf(spots) < 0.0001 ? "tooSmall" : null) : lengthOf(spots) < 0.01 ? "tooSmall" : null;
}

function areaOf(spots: readonly Spot[]): number {
  const twice = spots.reduce((sum, a, i) => {
    const b = spots[(i + 1) % spots.length]!;
    return sum + a[0] * b[1] - b[0] * a[1];
  }, 0);
  return Math.abs(twice) / 2;
}

const lengthOf = (spots: readonly Spot[]): number =>
  spots.slice(1).reduce((sum, b, i) => sum + Math.hypot(b[0] - spots[i]![0], b[1] - spots[i]![1]), 0);

function crossesItself(spots: readonly Spot[], form: Form): boolean {
  const sides = stretchesOf(spots, form);
  for (let i = 0; i < sides; i++)
    for (let j = i + 2; j < sides; j++) {
      // Neighbours share a corner.
      if (form === "polygon" && i === 0 && j === sides - 1) continue;
      if (cross(spots[i]!, spots[i + 1]!, spots[j]!, spots[(j + 1) % spots.length]!)) return true;
    }
  return false;
}

/** They touch or cross. */
function cross(a: Spot, b: Spot, c: Spot, d: Spot): boolean {
  const [s1, s2, s3, s4] = [sideOf(a, b, c), sideOf(a, b, d), sideOf(c, d, a), sideOf(c, d, b)];
  if (s1 * s2 < 0 && s3 * s4 < 0) return true;
  const touches = (side: number, from: Spot, to: Spot, p: Spot) => side === 0 && isBetween(from, to, p);
  return touches(s1, a, b, c) || touches(s2, a, b, d) || touches(s3, c, d, a) || touches(s4, c, d, b);
}

const sideOf = (a: Spot, b: Spot, p: Spot) => Math.sign((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]));

const isBetween = (a: Spot, b: Spot, p: Spot) =>
  ([0, 1] as const).every((axis) => p[axis] >= Math.min(a[axis], b[axis]) && p[axis] <= Math.max(a[axis], b[axis]));
