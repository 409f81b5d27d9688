import { firstEndingAfter, footageFrom, type Footage } from "./footage";
import { hour, minute, second, spanOf, type View } from "./scale";

const steps = [5 * second, 10 * second, 30 * second, minute, 5 * minute, 15 * minute, hour];

/** Pixels of the timeline that share one picture: more pictures than that nobody can tell apart. */
const pixelsPerPicture = 3;

/** Which small picture belongs to a time: that of this time, or the first of so many milliseconds after it. */
export interface PreviewPlace {
  at: number;
  within: number;
}

/** For so long one picture is shown, on a timeline of that width. */
export function previewStep(view: View, width: number): number {
  const wanted = (spanOf(view) / width) * pixelsPerPicture;
  return steps.find((s) => s >= wanted) ?? hour;
}

/** On a grid, so that the same pictures are asked for again; null where nothing is recorded. */
export function previewPlace(footage: Footage, at: number, step: number): PreviewPlace | null {
  const first = footageFrom(footage.recordings, at, 1);
  if (first === null || first - at >= step) return null;
  // Not what lies behind a gap.
  const begin = footage.recordings[firstEndingAfter(footage.recordings, first)]?.from ?? first;
  return { at: Math.max(Math.floor(at / step) * step, begin), within: step };
}
