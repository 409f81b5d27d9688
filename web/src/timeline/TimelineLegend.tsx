import { useCell, type Cell } from "./cell";
import { classes, colours, type Lane } from "./drawTimeline";
import { legendOf, type LegendKind } from "./legend";
import type { View } from "./scale";
import { words } from "./words";

const lines = (colour: string, ground: string, angle: number) =>
  `repeating-linear-gradient(${angle}deg, ${colour} 0 1px, ${ground} 1px 4px)`;

const fillOf = (kind: LegendKind): string => {
  if (kind === "fetched") return lines(colours.fetchedLines, colours.fetched, 180);
  if (kind === "missing") return lines(colours.hatch, colours.gap, 135);
  return classes[kind] ?? colours.continuous;
};

/** What the colours of the lanes in view mean. Not there while there is only what nobody has to be told: plain recordings. */
export function TimelineLegend({ lanes, view }: { lanes: readonly Lane[]; view: Cell<View> }) {
  // As a text: it is the same while the view moves over the same kinds, and nothing renders.
  const kinds = useCell(view, (v) => legendOf(lanes, v).join(" "));
  if (kinds === "" || kinds === "continuous") return null;
  return (
    <ul aria-label={words.legend} className="text-soft mt-1 flex flex-wrap gap-x-3 gap-y-0.5 text-[12px]">
      {(kinds.split(" ") as LegendKind[]).map((kind) => (
        <li key={kind} className="flex items-center gap-1.5">
          <span aria-hidden className="h-2.5 w-4 rounded-xs" style={{ background: fillOf(kind) }} />
          {words.legendOf[kind]}
        </li>
      ))}
    </ul>
  );
}
