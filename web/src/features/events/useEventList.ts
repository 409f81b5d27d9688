import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { eventPagesKey, newestEvents, useEventPages, type EventQuery, type EventView } from "@/api/events";
import { onFeed, type FeedMessage } from "@/api/feed";
import { matches } from "./eventFilter";
import { arrived, eventKey, mostLive, nothingLive, released, shownOf, type Live } from "./liveEvents";

/** Many that come at once are shown at once. */
const gatherMs = 150;
const nowhere: ReadonlySet<string> = new Set();

/**
 * The newest events first: page by page from the server, and what the feed tells as it happens. While `hold()` says so, new ones wait and are
 * counted.
 * @param query The same one as long as the same is looked for.
 * @param inGroups Cameras of the groups that are looked for: the feed names cameras alone.
 */
export function useEventList(query: EventQuery, enabled: boolean, inGroups = nowhere) {
  const queries = useQueryClient();
  const pages = useEventPages(query, enabled);
  // Of this query: what was told for another one is of no matter.
  const [told, setTold] = useState({ of: query, live: nothingLive });
  const live = told.of === query ? told.live : nothingLive;
  const change = useCallback(
    (to: (live: Live) => Live) =>
      setTold((before) => ({ of: query, live: to(before.of === query ? before.live : nothingLive) })),
    [query],
  );
  const held = useRef(false);
  const listed = useMemo(() => pages.data?.pages.flatMap((p) => p.items) ?? [], [pages.data]);
  const keys = useMemo(() => new Set(listed.map(eventKey)), [listed]);
  const listedKeys = useRef(keys);
  useEffect(() => {
    listedKeys.current = keys;
  }, [keys]);

  const groups = useRef(inGroups);
  useEffect(() => {
    groups.current = inGroups;
  }, [inGroups]);
  const toldKeys = useRef(live.latest);
  useEffect(() => {
    toldKeys.current = live.latest;
  }, [live.latest]);
  /** The feed was away for longer than a page tells of. */
  const hasHole = useRef(false);

  /** As if the list were opened now: what was told until then is in the first page. */
  const restart = useCallback(() => {
    hasHole.current = false;
    change(() => nothingLive);
    void queries.resetQueries({ queryKey: eventPagesKey(query) });
  }, [queries, query, change]);

  useEffect(() => {
    if (!enabled) return;
    let gathered: EventView[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const take = () => {
      timer = undefined;
      const events = gathered;
      gathered = [];
      change((before) => arrived(before, events, listedKeys.current, held.current));
    };
    const gather = (events: readonly EventView[]) => {
      gathered.push(...events.filter((e) => matches(e, query, groups.current)));
      if (gathered.length > 0) timer ??= setTimeout(take, gatherMs);
    };
    /** After the feed was away: what it did not tell. A hole that a page does not fill is read anew. */
    const catchUp = async () => {
      try {
        const { items, nextCursor } = await newestEvents(query);
        if (left) return;
        const known = listedKeys.current;
        const told = toldKeys.current;
        const reaches = items.some((e) => known.has(eventKey(e)) || told.has(eventKey(e)));
        if (nextCursor === null || known.size === 0 || reaches) gather(items);
        // What somebody reads does not move: read anew when they are back at the top.
        else if (held.current) hasHole.current = true;
        else restart();
      } catch {
        // The feed opens again when the server is back.
      }
    };
    const stops = [
      onFeed<FeedMessage & { event: EventView }>("event", ({ event }) => gather([event])),
      onFeed("open", () => void catchUp()),
    ];
    return () => {
      left = true;
      clearTimeout(timer);
      stops.forEach((stop) => stop());
    };
  }, [enabled, query, change, restart]);

  /** Whether new ones wait; when nobody reads further down any more, all are shown. */
  const hold = useCallback(
    (on: boolean) => {
      if (held.current && !on) {
        if (hasHole.current) restart();
        else change(released);
      }
      held.current = on;
    },
    [change, restart],
  );
  useEffect(() => {
    if (live.latest.size > mostLive && !held.current) restart();
  }, [live, restart]);

  const events = useMemo(() => shownOf(listed, live, !pages.hasNextPage), [listed, live, pages.hasNextPage]);
  return { pages, events, waiting: live.waiting.size, hold, restart };
}
