import { keepPreviousData, useQueries, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import type { Timeline } from "@/api/types";
import type { Cell } from "@/timeline/cell";
import { footageFrom, joinTimelines, nextMark, noFootage, type Footage, type Span } from "@/timeline/footage";
import { day, hour, minute, spanOf, type View } from "@/timeline/scale";
import { ownArchive, playbackTicket, type Archive } from "./archive";

const iso = (ms: number) => new Date(ms).toISOString();

/** The server answers for 32 days at a time. */
const longestAnswer = 28 * day;

/** The spans that are asked for a view, on a fixed grid, with as much again on either side: panning and zooming find them loaded. */
export function spansFor(view: View, now: number): Span[] {
  const span = spanOf(view);
  // Few sizes: who zooms from half a year to a second asks seven times.
  const size = Math.min(
    longestAnswer,
    10 * minute * 4 ** Math.max(0, Math.ceil(Math.log(span / (10 * minute)) / Math.log(4))),
  );
  const margin = size < longestAnswer ? span / 2 : 0;
  const from = Math.floor((view.from - margin) / size) * size;
  // Nothing is known of the future; nor is a view asked about that lies in it.
  const to = view.from > now ? from : Math.min(Math.ceil((view.to + margin) / size), Math.ceil(now / size)) * size;
  return Array.from({ length: Math.max(0, Math.round((to - from) / size)) }, (_, i) => ({
    from: from + i * size,
    to: from + (i + 1) * size,
  }));
}

/** What is recorded of each camera around the view. Renders when the view leaves what is loaded, not while it moves in it. */
export function useFootage(cameraIds: readonly string[], view: Cell<View>, archive: Archive = ownArchive) {
  const asked = useRested(view, (v) => JSON.stringify(spansFor(v, Date.now())));
  const spans = useMemo(() => JSON.parse(asked) as Span[], [asked]);
  const { answers, pending, error, refetch } = useQueries({
    queries: cameraIds.flatMap((id) =>
      spans.map((span) => ({
        queryKey: ["timeline", archive.name + id, span.from, span.to],
        queryFn: ({ signal }: { signal: AbortSignal }) => archive.timeline(id, span, signal),
        // What is past changes only by retention.
        refetchInterval: Date.now() < span.to + hour ? (span.to - span.from > day ? 30_000 : 5_000) : false,
        staleTime: Date.now() < span.to + hour ? 0 : 10 * minute,
      })),
    ),
    combine,
  });
  const [joiner] = useState(() => new Joiner());
  const joined = useMemo(
    () => joiner.join(cameraIds, (i) => answers.slice(i * spans.length, (i + 1) * spans.length)),
    [joiner, answers, cameraIds, spans],
  );
  // While more loads, the timeline keeps what it had rather than flickering.
  const [kept, setKept] = useState(joined);
  if (!pending && kept !== joined) setKept(joined);
  const known = pending && cameraIds.every((id) => kept.has(id)) ? kept : joined;
  return { footage: known, error, refetch };
}

/** What is taken from a cell that moves with a finger, when it has come to rest or moved for a while. */
function useRested<T>(cell: Cell<T>, of: (value: T) => string): string {
  const [rested, setRested] = useState(() => of(cell.value));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let movedSince = 0;
    const settle = () => {
      movedSince = 0;
      setRested(of(cell.value));
    };
    // Time passes, too: what is new needs to be asked for when a new piece of the grid begins.
    const minutely = setInterval(settle, minute);
    const stop = cell.subscribe(() => {
      clearTimeout(timer);
      movedSince ||= performance.now();
      timer = setTimeout(settle, performance.now() - movedSince > 400 ? 0 : 100);
    });
    return () => {
      stop();
      clearTimeout(timer);
      clearInterval(minutely);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `of` is the same function, written anew
  }, [cell]);
  return rested;
}

/** Joins the answers for each camera, and again only for one that has a new answer. */
class Joiner {
  #known = new Map<string, { answers: (Timeline | null)[]; footage: Footage }>();

  join(cameraIds: readonly string[], answersOf: (index: number) => (Timeline | null)[]): Map<string, Footage> {
    const next = new Map<string, { answers: (Timeline | null)[]; footage: Footage }>();
    cameraIds.forEach((id, i) => {
      const answers = answersOf(i);
      const known = this.#known.get(id);
      if (known && known.answers.length === answers.length && known.answers.every((a, n) => a === answers[n]))
        return next.set(id, known);
      const own = answers.filter((a) => a !== null);
      return next.set(id, { answers, footage: own.length > 0 ? joinTimelines(own) : noFootage });
    });
    this.#known = next;
    return new Map([...next].map(([id, { footage }]) => [id, footage]));
  }
}

const joinOne = (answer: Timeline) => joinTimelines([answer]);

function combine(results: UseQueryResult<Timeline>[]) {
  return {
    answers: results.map((r) => r.data ?? null),
    pending: results.some((r) => r.isPending && !r.isError),
    error: results.find((r) => r.isError && r.data === undefined)?.error ?? null,
    refetch: () => results.forEach((r) => void (r.isError && r.refetch())),
  };
}

/** What is recorded in a chosen range, wherever the view is; null until that is known. Whole hours, so that dragging an end asks little. */
export function useRangeFootage(cameraId: string, range: Span): Footage | null {
  const span = { from: Math.floor(range.from / hour) * hour, to: Math.ceil(range.to / hour) * hour };
  const query = useQuery({
    queryKey: ["timeline", cameraId, span.from, span.to],
    enabled: span.to - span.from <= longestAnswer,
    queryFn: ({ signal }) => ownArchive.timeline(cameraId, span, signal),
    placeholderData: keepPreviousData,
    refetchInterval: () => (Date.now() < span.to + hour ? 5_000 : false),
  });
  return useMemo(() => (query.data ? joinTimelines([query.data]) : null), [query.data]);
}

/** The timeline of one local month, for its calendar. */
export function useMonth(cameraId: string, { from, to }: Span) {
  return useQuery({
    queryKey: ["timeline", cameraId, from, to],
    queryFn: ({ signal }) => ownArchive.timeline(cameraId, { from, to }, signal),
    select: joinOne,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** Looks for something in ever longer answers, from a time on: a day, then months; half a year at the most. */
async function search(
  archive: Archive,
  cameraIds: readonly string[],
  at: number,
  direction: 1 | -1,
  find: (footage: Footage[]) => number | null,
): Promise<number | null> {
  let from = at;
  for (const length of [
    day,
    longestAnswer,
    longestAnswer,
    longestAnswer,
    longestAnswer,
    longestAnswer,
    longestAnswer,
  ]) {
    if (direction > 0 && from > Date.now()) return null;
    const span = direction > 0 ? { from, to: from + length } : { from: from - length, to: from };
    const footage = await Promise.all(cameraIds.map(async (id) => joinTimelines([await archive.timeline(id, span)])));
    const found = find(footage);
    if (found !== null) return found;
    from += direction * length;
  }
  return null;
}

export function findFootage(
  cameraIds: readonly string[],
  at: number,
  direction: 1 | -1,
  archive: Archive = ownArchive,
): Promise<number | null> {
  return search(archive, cameraIds, at, direction, (footage) => {
    const found = footage.map((f) => footageFrom(f.recordings, at, direction)).filter((n) => n !== null);
    if (found.length === 0) return null;
    return direction > 0 ? Math.min(...found) : Math.max(...found);
  });
}

export function findMark(
  cameraIds: readonly string[],
  at: number,
  direction: 1 | -1,
  archive: Archive = ownArchive,
): Promise<number | null> {
  return search(archive, cameraIds, at, direction, (footage) => nextMark(footage, at, direction));
}

export async function clipUrl(cameraId: string, { from, to }: Span): Promise<string> {
  return `/api/cameras/${cameraId}/clip.mp4?from=${iso(from)}&to=${iso(to)}&ticket=${await playbackTicket(cameraId)}`;
}
