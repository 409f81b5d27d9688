import type { Timeline } from "@/api/types";
import { isIntended } from "@/timeline/gapWords";

/** What became of a stretch of time: lost beats recorded, recorded beats nothing. */
export type Stretch = "lost" | "recorded" | "nothing";

/** A time cut into equal stretches; a short loss is seen however long the time is. */
export function stretches(timeline: Timeline, from: number, to: number, count: number): Stretch[] {
  const all = new Array<Stretch>(count).fill("nothing");
  const paint = (spans: readonly { from: string; to: string }[], as: Stretch) => {
    for (const span of spans) {
      const [begin, end] = [Math.max(from, Date.parse(span.from)), Math.min(to, Date.parse(span.to))];
      if (end <= begin) continue;
      const first = Math.floor(((begin - from) / (to - from)) * count);
      const last = Math.min(count - 1, Math.ceil(((end - from) / (to - from)) * count) - 1);
      all.fill(as, first, Math.max(first, last) + 1);
    }
  };
  paint(timeline.recordings, "recorded");
  paint(
    timeline.gaps.filter((g) => !isIntended(g.cause)),
    "lost",
  );
  return all;
}

/** Stretches of the same kind together: how many of each, in their order. */
export function runs(all: readonly Stretch[]): { kind: Stretch; count: number }[] {
  const found: { kind: Stretch; count: number }[] = [];
  for (const kind of all) {
    const last = found.at(-1);
    if (last?.kind === kind) last.count++;
    else found.push({ kind, count: 1 });
  }
  return found;
}
