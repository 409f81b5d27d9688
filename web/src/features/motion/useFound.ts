import { useState } from "react";
import { second } from "@/timeline/scale";
import type { MotionHit, MotionSearch } from "./searchState";

/** A little of what was before the motion, to see where it comes from. */
const lead = second;

/** Which of the hits is looked at, and which one is next to it. */
export function useFound(search: MotionSearch | null, cursorAt: () => number) {
  const [picked, setPicked] = useState<MotionHit | null>(null);
  const hits = search?.hits ?? [];
  const chosen = picked && hits.includes(picked) ? picked : null;
  return {
    chosen,
    /** Where to go to see it. */
    choose: (hit: MotionHit): number => {
      setPicked(hit);
      return hit.from - lead;
    },
    /** The one before (-1) or after (1) in time: of the one that is looked at, or else of the cursor. */
    next: (direction: 1 | -1): MotionHit | undefined => {
      const at = chosen?.from ?? cursorAt();
      return direction < 0 ? hits.find((h) => h.from < at) : hits.findLast((h) => h.from > at);
    },
  };
}
