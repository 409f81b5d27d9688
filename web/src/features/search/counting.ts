import type { Counts, CountSeries } from "@/api/detections";
import type { Span } from "@/timeline/footage";
import { day } from "@/timeline/scale";

/** Periods that a time is cut into; the server counts no more than this many. */
const mostPeriods = 750;
const lengthsOf = { hour: day / 24, day, week: 7 * day, month: 28 * day } as const;

export const periods = ["hour", "day", "week", "month"] as const;
export type Period = (typeof periods)[number];

/** Those that a time is not too long for. */
export const periodsFor = ({ from, to }: Span): Period[] =>
  periods.filter((p) => (to - from) / lengthsOf[p] + 2 <= mostPeriods);

/** The wished one, or the finest that the time is not too long for. */
export function periodFor(span: Span, wished: string | null): Period {
  const possible = periodsFor(span);
  return (
    possible.find((p) => p === wished) ??
    (span.to - span.from > 4 * day ? (possible.find((p) => p !== "hour") ?? "month") : possible[0]!)
  );
}

/** A line with both of its directions. */
export interface LineCount {
  cameraId: string | null;
  cameraName: string | null;
  name: string;
  in: number;
  out: number;
  /** Who came and has not gone: in less out. */
  difference: number;
  /** For each period. */
  ins: number[];
  outs: number[];
}

/** The most crossed first. */
export function linesOf(series: readonly CountSeries[], periodCount: number): LineCount[] {
  const lines = new Map<string, LineCount>();
  for (const { name, cameraId, cameraName, direction, total, counts } of series) {
    const key = `${cameraId}/${name}`;
    let line = lines.get(key);
    if (!line) {
      const none = () => new Array<number>(periodCount).fill(0);
      line = { cameraId, cameraName, name: name ?? "", in: 0, out: 0, difference: 0, ins: none(), outs: none() };
      lines.set(key, line);
    }
    // A source that tells no direction has counted somebody who came.
    const [sum, each] = direction === "out" ? (["out", "outs"] as const) : (["in", "ins"] as const);
    line[sum] += total;
    line[each] = line[each].map((n, i) => n + counts[i]!);
    line.difference = line.in - line.out;
  }
  return [...lines.values()].sort((a, b) => b.in + b.out - a.in - a.out || a.name.localeCompare(b.name));
}

interface Counted {
  /** For each period. */
  counts: readonly number[];
}

/** What there was of all series, one for each period. */
export const sumsOf = (series: readonly Counted[], periodCount: number): number[] =>
  Array.from({ length: periodCount }, (_, i) => series.reduce((sum, s) => sum + s.counts[i]!, 0));

/** Stacked, one column for each period: from below, parts of the top of the axis. */
export function stacked(
  series: readonly Counted[],
  periodCount: number,
  top: number,
): { from: number; to: number }[][] {
  return Array.from({ length: periodCount }, (_, i) => {
    let below = 0;
    return series.map(({ counts }) => {
      const from = below / top;
      below += counts[i]!;
      return { from, to: below / top };
    });
  });
}

/** A round number at or above the highest column, and its half: what the axis says. */
export function roundTop(most: number): number {
  if (most <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 3, 4, 5, 6, 8, 10].map((n) => n * power).find((n) => n >= most && n % 2 === 0) ?? 10 * power;
}

/** For a spreadsheet: a line for each period, a column for each series. */
export function toCsv(
  counts: Pick<Counts, "starts">,
  columns: readonly { name: string; counts: readonly number[] }[],
  begins: string,
): string {
  const rows = [
    [begins, ...columns.map((c) => c.name)],
    ...counts.starts.map((start, i) => [start, ...columns.map((c) => String(c.counts[i]))]),
  ];
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** Spreadsheets run what begins like a formula: names come from other people. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
