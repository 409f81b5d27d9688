import { useEffect, useMemo, useState } from "react";
import { detectionPageSize, newestDetections, type DetectionFilter, type DetectionView } from "@/api/detections";
import type { EventView } from "@/api/events";
import { onFeed, type FeedMessage } from "@/api/feed";
import { keyOf } from "./detection";

/** Many that come at once are looked for once. */
const gatherMs = 3_000;
/** What is told of objects, and of what they did. */
const concernsObjects = /^(object|line|zone|plate)\./;

/**
 * How many were seen since the list was read, up to one page of them: whether one is what is looked for, the server alone knows.
 * @param filter The same one as long as the same is looked for. What ends in the past gets no new ones.
 * @param listed Undefined while that is not known.
 */
export function useNewDetections(filter: DetectionFilter, listed: readonly DetectionView[] | undefined): number {
  const [newest, setNewest] = useState<{ of: DetectionFilter; items: readonly DetectionView[] }>({
    of: filter,
    items: [],
  });
  const isOpen = filter.to === undefined;

  useEffect(() => {
    if (!isOpen) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const look = async () => {
      timer = undefined;
      try {
        const { items } = await newestDetections(filter);
        if (!left) setNewest({ of: filter, items });
      } catch {
        // The next one that is told asks again.
      }
    };
    const soon = () => {
      timer ??= setTimeout(() => void look(), gatherMs);
    };
    const stops = [
      onFeed<FeedMessage & { event: EventView }>("event", ({ event }) => concernsObjects.test(event.type) && soon()),
      onFeed("open", soon),
    ];
    return () => {
      left = true;
      clearTimeout(timer);
      stops.forEach((stop) => stop());
    };
  }, [isOpen, filter]);
  return useMemo(() => {
    if (newest.of !== filter || !listed) return 0;
    const known = new Set(listed.map(keyOf));
    // What moved up because another one was deleted or judged is older than what is listed.
    const oldest = listed.at(-1)?.at ?? "";
    return Math.min(newest.items.filter((d) => d.at >= oldest && !known.has(keyOf(d))).length, detectionPageSize);
  }, [newest, filter, listed]);
}
