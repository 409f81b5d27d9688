import type { Timeline } from "@/api/types";
import { isIntended } from "./gapWords";

/** A stretch of time, Unix milliseconds. */
export interface Span {
  from: number;
  to: number;
}

export interface Gap extends Span {
  cause: string;
}

export interface Mark {
  at: number;
  type: string;
}

/** What is known about one camera over some time, in order of time: parsed once, drawn sixty times a second. */
export interface Footage {
  recordings: Span[];
  /** Those of the live stream, apart by what made them: continuous, motion, alarm. */
  byClass: Map<string, Span[]>;
  gaps: Gap[];
  /** The gaps in what should have been recorded. */
  losses: Gap[];
  /** What the device had recorded itself, and was fetched from it. Stands in `recordings`, too. */
  fetched: Span[];
  /** The gaps that were filled so, with the cause they had. */
  filled: Gap[];
  marks: Mark[];
}

export const noFootage: Footage = {
  recordings: [],
  byClass: new Map(),
  gaps: [],
  losses: [],
  fetched: [],
  filled: [],
  marks: [],
};

/** Said by the gaps themselves, or good news. */
const unmarked = new Set(["recording.gap", "camera.online"]);

const parsed = new WeakMap<Timeline, Footage>();

/** One answer of the server, parsed once however often it is asked for. */
export function parseTimeline(timeline: Timeline): Footage {
  const known = parsed.get(timeline);
  if (known) return known;
  const span = <T extends { from: string; to: string }>(s: T) => ({
    ...s,
    from: Date.parse(s.from),
    to: Date.parse(s.to),
  });
  const byClass = new Map<string, Span[]>();
  const recordings: Span[] = [];
  const fetched: Span[] = [];
  for (const recording of timeline.recordings) {
    const { from, to, class: kind, source } = span(recording);
    recordings.push({ from, to });
    if (source === "device") {
      fetched.push({ from, to });
      continue;
    }
    const same = byClass.get(kind) ?? [];
    if (same.length === 0) byClass.set(kind, same);
    same.push({ from, to });
  }
  const gaps = join([timeline.gaps.map(span)], (a, b) => a.cause === b.cause);
  const footage: Footage = {
    recordings: join([recordings]),
    byClass: new Map([...byClass].map(([kind, spans]) => [kind, join([spans])])),
    gaps,
    losses: gaps.filter((g) => !isIntended(g.cause)),
    fetched: join([fetched]),
    filled: join([(timeline.filled ?? []).map(span)], (a, b) => a.cause === b.cause),
    marks: timeline.events
      .map((e) => ({ at: Date.parse(e.at), type: e.type }))
      .filter((m) => !unmarked.has(m.type))
      .sort((a, b) => a.at - b.at),
  };
  parsed.set(timeline, footage);
  return footage;
}

/** Answers for neighbouring times, in order, as one; what was cut at the seam grows together again. */
export function joinTimelines(timelines: readonly Timeline[]): Footage {
  const parts = timelines.map(parseTimeline);
  if (parts.length === 1) return parts[0]!;
  const kinds = new Set(parts.flatMap((p) => [...p.byClass.keys()]));
  return {
    recordings: join(parts.map((p) => p.recordings)),
    byClass: new Map([...kinds].map((kind) => [kind, join(parts.map((p) => p.byClass.get(kind) ?? []))])),
    gaps: join(
      parts.map((p) => p.gaps),
      (a, b) => a.cause === b.cause,
    ),
    losses: join(
      parts.map((p) => p.losses),
      (a, b) => a.cause === b.cause,
    ),
    fetched: join(parts.map((p) => p.fetched)),
    filled: join(
      parts.map((p) => p.filled),
      (a, b) => a.cause === b.cause,
    ),
    marks: parts.flatMap((p) => p.marks),
  };
}

/** Lists in order of time as one; what touches and is the same becomes one span. Leaves what it was given as it is. */
function join<T extends Span>(lists: readonly T[][], same: (a: T, b: T) => boolean = () => true): T[] {
  const joined: T[] = [];
  for (const list of lists)
    for (const span of list) {
      const last = joined.at(-1);
      if (last && span.from <= last.to + 1 && same(last, span))
        joined[joined.length - 1] = { ...last, to: Math.max(last.to, span.to) };
      else joined.push(span);
    }
  return joined;
}

/** Index of the first span that ends after a time; the spans are in order and do not overlap. */
export function firstEndingAfter(spans: readonly Span[], at: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.to > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Video of a time: the time itself where there is some, else the nearest in that direction. */
export function footageFrom(recordings: readonly Span[], at: number, direction: 1 | -1): number | null {
  const index = firstEndingAfter(recordings, at);
  const span = recordings[index];
  if (span && span.from <= at) return at;
  if (direction > 0) return span ? span.from : null;
  const before = recordings[index - 1];
  return before ? Math.max(before.from, before.to - 500) : null;
}

/** Why nothing is recorded at a time; null where the server names no cause. */
export function gapAt(gaps: readonly Gap[], at: number, slack = 0): Gap | null {
  for (let i = firstEndingAfter(gaps, at - slack - 1); i < gaps.length && gaps[i]!.from <= at + slack; i++)
    return gaps[i]!;
  return null;
}

/** Was what is shown of a time fetched from the device? */
export function isFetched(footage: Footage, at: number, slack = 0): boolean {
  const span = footage.fetched[firstEndingAfter(footage.fetched, at - slack - 1)];
  return span !== undefined && span.from <= at + slack;
}

/** An operator wants to see what led to a loss. */
const beforeGap = 3_000;
/** Marks closer than that to the cursor are where it already is. */
const here = 500;

/** Where the next event or loss begins; a loss is shown from a little before it. Null when there is none. */
export function nextMark(footage: readonly Footage[], at: number, direction: 1 | -1): number | null {
  const places = footage.flatMap((f) => [
    ...f.losses.map((g) => g.from - beforeGap),
    // The picture comes back.
    ...f.losses.map((g) => g.to),
    ...f.marks.map((m) => m.at),
  ]);
  const ahead = places.filter((p) => (p - at) * direction > here);
  if (ahead.length === 0) return null;
  return direction > 0 ? Math.min(...ahead) : Math.max(...ahead);
}
