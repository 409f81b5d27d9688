import type { EventView } from "@/api/events";

/** What the feed told since the pages of the list were read. */
export interface Live {
  /** The newest word on each event, by its key: new ones, and known ones that went on, ended or got their still. */
  latest: ReadonlyMap<string, EventView>;
  /** New ones that are kept back, so that what somebody reads does not move. */
  waiting: ReadonlySet<string>;
}

/** More than these are read anew from the server as soon as nobody reads further down: a page may stay open for days. */
export const mostLive = 500;
const mostKept = 2 * mostLive;

export const nothingLive: Live = { latest: new Map(), waiting: new Set() };

/** An id may be used again at another time. */
export const eventKey = ({ id, at }: Pick<EventView, "id" | "at">): string => `${at} ${id}`;

/**
 * @param listed What the pages have.
 * @param hold Somebody has scrolled away from the top: new ones wait.
 */
export function arrived(live: Live, events: readonly EventView[], listed: ReadonlySet<string>, hold: boolean): Live {
  if (events.length === 0) return live;
  const latest = new Map(live.latest);
  const waiting = new Set(live.waiting);
  for (const event of events) {
    const key = eventKey(event);
    if (!latest.has(key) && latest.size >= mostKept) continue;
    if (hold && !latest.has(key) && !listed.has(key)) waiting.add(key);
    latest.set(key, event);
  }
  return { latest, waiting };
}

export const released = (live: Live): Live =>
  live.waiting.size === 0 ? live : { latest: live.latest, waiting: new Set() };

/** Newest first, as the server sorts. */
const newestFirst = (a: EventView, b: EventView): number =>
  Date.parse(b.at) - Date.parse(a.at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/**
 * The list as it is shown: the pages with the newest word on each event, and what came since in its place by time.
 * @param complete The pages reach to the end of what there is; else what is older than they are comes with the next page.
 */
export function shownOf(listed: readonly EventView[], live: Live, complete: boolean): EventView[] {
  const known = new Set(listed.map(eventKey));
  const oldest = complete ? undefined : listed.at(-1);
  const added = [...live.latest.values()].filter((event) => {
    const key = eventKey(event);
    return !known.has(key) && !live.waiting.has(key) && !(oldest && newestFirst(event, oldest) > 0);
  });
  const all = listed.map((event) => live.latest.get(eventKey(event)) ?? event);
  return added.length === 0 ? all : [...added, ...all].sort(newestFirst);
}
