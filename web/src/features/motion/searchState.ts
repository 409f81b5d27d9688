import type { Span } from "@/timeline/footage";
import { second } from "@/timeline/scale";
import type { MotionLine } from "./lines";
import { problemWords } from "@/api/problem";
import { wordFor } from "@/i18n/catalogue";
import { words } from "./words";

export interface MotionHit extends Span {
  /** Of the part of the region that changed most, how much did: 0 to 1. */
  score: number;
  /** Around what changed: x, y, width, height, 0 to 1 of the picture. */
  box: [number, number, number, number];
}

/** One search and what it has found. Immutable. */
export interface MotionSearch {
  cameraId: string;
  span: Span;
  phase: "running" | "done" | "stopped" | "failed";
  /** Newest first. */
  hits: readonly MotionHit[];
  /** It goes back in time, and has come so far. */
  searchedTo: number;
  /** 0 to 1. */
  share: number;
  /** Pictures compared for the first time: what makes a first search slow. */
  compared: number;
  /** Recordings that were looked at; known at the end. */
  searchedSeconds: number | null;
  skipped: readonly (Span & { reason: string })[];
  /** False: there were too many hits, and it ended there. */
  complete: boolean;
  problem: string | null;
}

export function begun(cameraId: string, span: Span): MotionSearch {
  return {
    cameraId,
    span,
    phase: "running",
    hits: [],
    searchedTo: span.to,
    share: 0,
    compared: 0,
    searchedSeconds: null,
    skipped: [],
    complete: true,
    problem: null,
  };
}

export function told(search: MotionSearch, lines: readonly MotionLine[]): MotionSearch {
  const next = { ...search };
  const hits: MotionHit[] = [];
  const skipped: (Span & { reason: string })[] = [];
  for (const line of lines) {
    switch (line.type) {
      case "hit":
        hits.push({ from: Date.parse(line.from), to: Date.parse(line.to), score: line.score, box: line.box });
        break;
      case "skipped":
        skipped.push({ from: Date.parse(line.from), to: Date.parse(line.to), reason: line.reason });
        break;
      case "progress":
        next.searchedTo = Date.parse(line.searchedTo);
        next.share = line.share;
        next.compared = line.gridsComputed;
        break;
      case "end":
        next.phase = "done";
        next.complete = line.complete;
        next.searchedTo = Date.parse(line.searchedTo);
        next.share = line.complete ? 1 : search.share;
        next.searchedSeconds = line.searchedSeconds;
        break;
      case "failed":
        next.phase = "failed";
        next.problem = problemWords({ code: line.code, message: line.title });
    }
  }
  if (hits.length > 0) next.hits = [...search.hits, ...hits];
  if (skipped.length > 0) next.skipped = [...search.skipped, ...skipped];
  return next;
}

/** The time whose picture shows a hit: of two keyframes the later one has what came. */
export function shownAt({ from, to }: MotionHit): number {
  return to - from < 4 * second ? to : (from + to) / 2;
}

/** "2 min of it could not be searched: damaged"; null when all could. */
export function skippedWords(search: MotionSearch, duration: (ms: number) => string): string | null {
  if (search.skipped.length === 0) return null;
  const ms = search.skipped.reduce((sum, s) => sum + s.to - s.from, 0);
  const why = [...new Set(search.skipped.map((s) => wordFor(words.skipReasons, s.reason) ?? s.reason))].join(", ");
  return words.notSearched(duration(Math.max(1000, ms)), why);
}
