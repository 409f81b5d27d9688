import type { Lane } from "./drawTimeline";
import { firstEndingAfter, type Span } from "./footage";
import type { View } from "./scale";

const kinds = ["continuous", "motion", "event", "manual", "fetched", "missing"] as const;

/** A way in which a stretch of a lane is painted. */
export type LegendKind = (typeof kinds)[number];

/** Those that are seen in a view, in a fixed order. */
export function legendOf(lanes: readonly Pick<Lane, "footage">[], view: View): LegendKind[] {
  const seen = new Set<LegendKind>();
  for (const { footage } of lanes) {
    for (const [kind, spans] of footage.byClass) if (isIn(spans, view)) seen.add(kindOf(kind));
    if (isIn(footage.fetched, view)) seen.add("fetched");
    if (isIn(footage.losses, view)) seen.add("missing");
  }
  return kinds.filter((kind) => seen.has(kind));
}

/** What this client is too old to know is painted as continuous. */
function kindOf(recorded: string): LegendKind {
  if (recorded === "alarm") return "event";
  return kinds.find((kind) => kind === recorded) ?? "continuous";
}

function isIn(spans: readonly Span[], { from, to }: View): boolean {
  const span = spans[firstEndingAfter(spans, from)];
  return span !== undefined && span.from < to;
}
