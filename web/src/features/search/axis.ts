import type { Counts } from "@/api/detections";
import type { Span } from "@/timeline/footage";
import { day, hour, minute } from "@/timeline/scale";

/** A part that is shorter is no longer a choice of time. */
export const leastPart = minute;

/** Fine enough to be dragged over, and no more bars than can be told apart. */
export function periodOf({ from, to }: Span): Counts["by"] {
  const length = to - from;
  if (length <= 3 * hour) return "minute";
  if (length <= 36 * hour) return "tenMinutes";
  if (length <= 10 * day) return "hour";
  return length <= 700 * day ? "day" : "week";
}

/** One for each period; of no classes: of all. */
export function totalsOf({ starts, series }: Pick<Counts, "starts" | "series">, classes: readonly string[]): number[] {
  const wanted = series.filter((s) => classes.length === 0 || (s.name !== null && classes.includes(s.name)));
  return starts.map((_, i) => wanted.reduce((sum, s) => sum + s.counts[i]!, 0));
}

export interface Bar extends Span {
  count: number;
  /** Of the highest one, 0 to 1. */
  height: number;
}

/** What there is of it within a stretch of time; the last period ends there. Periods beside it are of a question before. */
export function barsOf(starts: readonly string[], counts: readonly number[], { from, to }: Span): Bar[] {
  const most = Math.max(1, ...counts);
  return starts.flatMap((start, i) => {
    const next = starts[i + 1];
    const [begin, end] = [Math.max(from, Date.parse(start)), Math.min(to, next ? Date.parse(next) : to)];
    return end > begin ? [{ from: begin, to: end, count: counts[i]!, height: counts[i]! / most }] : [];
  });
}

/** What was dragged over, in order and within; null when it is too short to be meant. */
export function dragged(a: number, b: number, whole: Span): Span | null {
  const from = Math.max(whole.from, Math.min(a, b));
  const to = Math.min(whole.to, Math.max(a, b));
  return to - from >= Math.min(leastPart, (whole.to - whole.from) / 200) ? { from, to } : null;
}

/** Half of it, around a time in it or its middle. */
export function closer(shown: Span, around: number | null): Span {
  const length = Math.max(leastPart, (shown.to - shown.from) / 2);
  const middle = around !== null && around >= shown.from && around <= shown.to ? around : (shown.from + shown.to) / 2;
  const from = Math.min(Math.max(shown.from, middle - length / 2), Math.max(shown.from, shown.to - length));
  return { from, to: from + length };
}

/** Twice of it; null when that is all. */
export function wider(shown: Span, whole: Span): Span | null {
  const length = (shown.to - shown.from) * 2;
  if (length >= whole.to - whole.from) return null;
  const from = Math.min(Math.max(whole.from, (shown.from + shown.to - length) / 2), whole.to - length);
  return { from, to: from + length };
}

/** As much time before or after it, as far as there is some. */
export function moved(shown: Span, whole: Span, direction: 1 | -1): Span {
  const length = shown.to - shown.from;
  const from = Math.min(Math.max(whole.from, shown.from + direction * length), whole.to - length);
  return { from, to: from + length };
}
