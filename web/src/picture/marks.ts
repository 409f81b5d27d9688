import type { Camera } from "@/api/types";

/** Parts of the picture's width and height. */
export type Point = readonly [x: number, y: number];

export interface Shape {
  points: readonly Point[];
  closed: boolean;
}

/** The line or the zone that an event names, as the camera has it now; null where it names none, or it is gone. */
export function shapeOf(
  event: { line: string | null; zone: string | null },
  camera: Pick<Camera, "analytics"> | undefined,
): Shape | null {
  const line = camera?.analytics.lines.find((l) => l.name === event.line);
  if (line) return { points: pointsOf(line.points), closed: false };
  const zone = camera?.analytics.zones.find((z) => z.name === event.zone);
  return zone ? { points: pointsOf(zone.polygon), closed: true } : null;
}

/** Where the object's feet were, in order of time; null where nobody knows. */
export function trackOf(path: unknown): readonly Point[] | null {
  const stations = stationsOf(path);
  return stations.length > 1 ? stations.map(({ x, y }) => [x, y] as const) : null;
}

/** So far beyond the ends of its path an object is where the end is: analysis looks at five pictures a second. */
const reachMs = 200;

/**
 * The box of the object in the picture of the event's own time: left, top, width and height. The one that the event has is the best one, which may
 * be of another time: the path comes first. Null: nobody knows where it was.
 */
export function boxThen({
  box,
  path,
  boxAtMs,
}: {
  box: readonly number[] | null;
  path: unknown;
  /** Milliseconds since the event, when it was in its box. */
  boxAtMs: number | undefined;
}): readonly number[] | null {
  const there = stationAt(stationsOf(path), 0);
  // It stands on its feet.
  if (there?.size) return [there.x - there.size[0] / 2, there.y - there.size[1], ...there.size];
  const isOfThen = boxAtMs === undefined ? !path : Math.abs(boxAtMs) <= reachMs;
  return isOfThen ? box : null;
}

/** Where an object stood, in milliseconds since the event, and how large its box was, where that is known. */
interface Station {
  at: number;
  x: number;
  y: number;
  size: readonly [width: number, height: number] | null;
}

/** As the source wrote them; what is none is left out. */
function stationsOf(path: unknown): Station[] {
  if (!Array.isArray(path)) return [];
  return path.flatMap((p: unknown): Station[] => {
    if (!Array.isArray(p) || p.length < 3 || !p.every((n) => typeof n === "number")) return [];
    const [at, x, y, width, height] = p as number[];
    return [{ at: at!, x: x!, y: y!, size: width! > 0 && height! > 0 ? [width!, height!] : null }];
  });
}

/** Between two stations it went straight. */
function stationAt(stations: readonly Station[], at: number): Station | null {
  const after = stations.findIndex((s) => s.at >= at);
  const [a, b] = [stations[after - 1], stations[after]];
  if (!a || !b) {
    const end = after < 0 ? stations.at(-1) : b;
    return end && Math.abs(end.at - at) <= reachMs ? end : null;
  }
  const part = (at - a.at) / (b.at - a.at);
  const mix = (from: number, to: number) => from + part * (to - from);
  return {
    at,
    x: mix(a.x, b.x),
    y: mix(a.y, b.y),
    size: a.size && b.size ? [mix(a.size[0], b.size[0]), mix(a.size[1], b.size[1])] : null,
  };
}

const pointsOf = (points: readonly (readonly number[])[]): Point[] =>
  points.flatMap((p) => (p.length === 2 ? [[p[0]!, p[1]!] as const] : []));
