import type { EventView } from "@/api/events";
import type { Camera, Schemas } from "@/api/types";

/** Parts of the picture's width and height. */
export type Point = readonly [x: number, y: number];

export interface Shape {
  points: readonly Point[];
  closed: boolean;
}

/** The line or the zone that an event names, as the camera has it now; null where it names none, or it is gone. */
export function shapeOf(event: Pick<EventView, "line" | "zone">, camera: Camera | undefined): Shape | null {
  const line = camera?.analytics.lines.find((l) => l.name === event.line);
  if (line) return { points: pointsOf(line.points), closed: false };
  const zone = camera?.analytics.zones.find((z) => z.name === event.zone);
  return zone ? { points: pointsOf(zone.polygon), closed: true } : null;
}

/** Where the object's feet were, in order of time; null where nobody knows. */
export function trackOf(detection: Pick<Schemas["DetectionView"], "path"> | null): readonly Point[] | null {
  const path: unknown = detection?.path;
  if (!Array.isArray(path)) return null;
  const points = path.filter(
    (p): p is number[] => Array.isArray(p) && p.length === 3 && p.every((n) => typeof n === "number"),
  );
  return points.length > 1 ? points.map((p) => [p[1]!, p[2]!] as const) : null;
}

const pointsOf = (points: readonly (readonly number[])[]): Point[] =>
  points.flatMap((p) => (p.length === 2 ? [[p[0]!, p[1]!] as const] : []));
