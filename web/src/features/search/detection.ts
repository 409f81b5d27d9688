import type { DetectionView } from "@/api/detections";
import { duration } from "@/components/time";
import { classWords } from "@/events/eventWords";
import { second } from "@/timeline/scale";
import { words } from "./words";

/** A little of what was before it, to see where it comes from. */
export const leadMs = 3 * second;
/** Of a model, enough to tell it from others. */
const hashLength = 10;

/** With the id it names it: another event may have the same id. */
export const keyOf = ({ id, at }: Pick<DetectionView, "id" | "at">): string => `${id}@${at}`;

export const nameOf = ({ class: seen }: Pick<DetectionView, "class">): string =>
  seen ? classWords(seen) : words.object;

/** What is looked at of it: when it crossed the line or came into the zone that was asked for, else when it was seen first. */
export const momentOf = ({ at, matchedAt }: Pick<DetectionView, "at" | "matchedAt">): number =>
  Date.parse(matchedAt ?? at);

export const playbackOf = (detection: Pick<DetectionView, "cameraId" | "at" | "matchedAt">): string =>
  `/playback?camera=${encodeURIComponent(detection.cameraId)}&at=${new Date(momentOf(detection) - leadMs).toISOString()}`;

/** How long it was there; null while nobody knows. */
export function lengthOf({ at, endAt }: Pick<DetectionView, "at" | "endAt">): string | null {
  return endAt === null ? null : duration(Math.max(second, Date.parse(endAt) - Date.parse(at)));
}

export const shortHash = (hash: string): string => hash.slice(0, hashLength);

/** By the day, in their order. */
export function byDay<T extends { at: string }>(
  detections: readonly T[],
  dayOf: (at: number) => string,
): [string, T[]][] {
  const days: [string, T[]][] = [];
  for (const detection of detections) {
    const name = dayOf(Date.parse(detection.at));
    const last = days.at(-1);
    if (last?.[0] === name) last[1].push(detection);
    else days.push([name, [detection]]);
  }
  return days;
}
