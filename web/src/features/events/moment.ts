import type { Span } from "@/timeline/footage";
import { minute, second } from "@/timeline/scale";

/** What led to it belongs to it. */
export const leadMs = 5 * second;
const keptBefore = 10 * second;
const keptAfter = 20 * second;
/** What goes on for hours is looked at in playback. */
const longestKept = 10 * minute;

/** Where playback shows an event. */
export const playbackOf = (cameraId: string, at: string): string =>
  `/playback?camera=${encodeURIComponent(cameraId)}&at=${new Date(Date.parse(at) - leadMs).toISOString()}`;

/** What is kept or exported of an event: some seconds around it; nothing of the future. */
export function spanOf({ at, endAt }: { at: string; endAt: string | null }, now: number): Span {
  const begin = Date.parse(at);
  const end = Math.max(begin, endAt ? Date.parse(endAt) : begin);
  return {
    from: begin - keptBefore,
    to: Math.min(end + keptAfter, begin + longestKept, Math.max(now, begin)),
  };
}
