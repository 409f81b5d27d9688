import { useMemo, useState } from "react";
import { second } from "@/timeline/scale";
import { shownAt, type MotionHit, type MotionSearch } from "./searchState";

/** A little of what was before the motion, to see where it comes from. */
const lead = second;

/** Which of the hits is looked at, and which one is next to it. */
export function useFound(search: MotionSearch | null, cursorAt: () => number) {
  const marks = useMemo(() => search?.hits.toReversed() ?? [], [search?.hits]);
  const [picked, setPicked] = useState<MotionHit | null>(null);
  const hits = search?.hits ?? [];
  const chosen = picked && hits.includes(picked) ? picked : null;
  return {
    chosen,
    /** In order of time, for the timeline. */
    marks,
    /** Where to go to see it: where it begins, or, when nothing plays, what its picture shows. */
    choose: (hit: MotionHit, playing: boolean): number => {
      setPicked(hit);
      return playing ? hit.from - lead : shownAt(hit);
    },
    /** The one before (-1) or after (1) in time: of the one that is looked at, or else of the cursor. */
    next: (direction: 1 | -1): MotionHit | undefined => {
      const at = chosen?.from ?? cursorAt();
      return direction < 0 ? hits.find((h) => h.from < at) : hits.findLast((h) => h.from > at);
    },
  };
}
