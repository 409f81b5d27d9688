import type { EventQuery, EventView } from "@/api/events";
import { groupsOf, type GetTreeGroupNode } from "@/api/tree";

/** What is looked for, as it stands in the address. Times are ISO 8601. */
export interface EventFilter {
  cameras: string[];
  /** Camera groups, with those in them. */
  groups: string[];
  /** Types, or their beginnings: `object.*`. */
  types: string[];
  class: string | null;
  zone: string | null;
  line: string | null;
  plate: string | null;
  /** Whether the scene or the system is meant: cameras, analytics and other programs, or the system about itself. */
  by: "scene" | "system" | null;
  from: string | null;
  to: string | null;
}

export const noFilter: EventFilter = {
  cameras: [],
  groups: [],
  types: [],
  class: null,
  zone: null,
  line: null,
  plate: null,
  by: null,
  from: null,
  to: null,
};

const lists = { cameras: "camera", groups: "group", types: "type" } as const;
const texts = ["class", "zone", "line", "plate"] as const;

/** `?camera=A&camera=B&group=G&type=line.crossed&class=person&zone=Z&line=L&plate=B*&by=scene&from=ISO&to=ISO`; what is wrong is left out. */
export function parseFilter(search: URLSearchParams): EventFilter {
  const by = search.get("by");
  return {
    cameras: unique(search.getAll(lists.cameras)),
    groups: unique(search.getAll(lists.groups)),
    types: unique(search.getAll(lists.types)),
    class: search.get("class") || null,
    zone: search.get("zone") || null,
    line: search.get("line") || null,
    plate: search.get("plate") || null,
    by: by === "scene" || by === "system" ? by : null,
    from: time(search.get("from")),
    to: time(search.get("to")),
  };
}

/** Writes a filter into an address, and leaves what else stands there. */
export function writeFilter(search: URLSearchParams, filter: EventFilter): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [key, name] of Object.entries(lists) as [keyof typeof lists, string][]) {
    next.delete(name);
    for (const value of filter[key]) next.append(name, value);
  }
  for (const key of [...texts, "by", "from", "to"] as const) {
    const value = filter[key];
    if (value) next.set(key, value);
    else next.delete(key);
  }
  return next;
}

export const isFiltering = (filter: EventFilter): boolean =>
  Object.values(filter).some((value) => (Array.isArray(value) ? value.length > 0 : value !== null));

/** As the API is asked. */
export const queryOf = (filter: EventFilter): EventQuery => ({
  ...(filter.cameras.length > 0 && { cameraId: filter.cameras }),
  ...(filter.groups.length > 0 && { groupId: filter.groups }),
  ...(filter.types.length > 0 && { type: filter.types }),
  ...Object.fromEntries(texts.flatMap((key) => (filter[key] ? [[key, filter[key]]] : []))),
  ...(filter.by && { reported: filter.by === "scene" }),
  ...(filter.from && { from: filter.from }),
  ...(filter.to && { to: filter.to }),
});

/** Cameras of these groups, and of those in them. */
export const camerasIn = (groups: readonly GetTreeGroupNode[], wanted: readonly string[]): ReadonlySet<string> =>
  new Set(
    [...groupsOf(groups)].flatMap(({ group }) =>
      wanted.includes(group.id)
        ? [...group.cameraIds, ...[...groupsOf(group.groups)].flatMap((g) => g.group.cameraIds)]
        : [],
    ),
  );

/** The first word of what the system tells about itself, as the server sorts them. */
const ownWords = new Set([
  "camera",
  "recording",
  "retention",
  "storage",
  "stream",
  "system",
  "index",
  "integrity",
  "export",
]);

/**
 * Whether an event that the feed tells is one of those that were asked for: the server's own comparison.
 * @param inGroups Cameras of the groups that are asked for.
 */
export function matches(event: EventView, query: EventQuery, inGroups: ReadonlySet<string>): boolean {
  const { cameraId, groupId, type, reported, from, to, plate } = query;
  const isThere = (id: string | null) => id !== null && (cameraId?.includes(id) === true || inGroups.has(id));
  if ((cameraId || groupId) && !isThere(event.cameraId)) return false;
  if (type && !type.some((t) => (t.endsWith(".*") ? event.type.startsWith(t.slice(0, -1)) : event.type === t)))
    return false;
  if (reported !== undefined && ownWords.has(event.type.split(".", 1)[0]!) === reported) return false;
  if (query.class !== undefined && event.class !== query.class) return false;
  if (query.zone !== undefined && event.zone !== query.zone) return false;
  if (query.line !== undefined && event.line !== query.line) return false;
  if (plate !== undefined && !(event.plate !== null && matchesPlate(plate, event.plate))) return false;
  const at = Date.parse(event.at);
  return !(from !== undefined && at < Date.parse(from)) && !(to !== undefined && at >= Date.parse(to));
}

/** As the server looks no further. */
const longestPlate = 32;

/** Spaces, dashes and capitals make no difference. */
function matchesPlate(pattern: string, read: string): boolean {
  const wanted = [
    ...pattern
      .slice(0, longestPlate)
      .toUpperCase()
      .replace(/[^\p{L}\p{N}*?]/gu, ""),
  ];
  const plate = [...read];
  // A star takes as little as it can; where that does not go on, the last one takes one more. No pattern takes long.
  let [at, place, star, from] = [0, 0, -1, 0];
  while (place < plate.length) {
    if (wanted[at] === "*") [star, from] = [at++, place];
    else if (at < wanted.length && (wanted[at] === "?" || wanted[at] === plate[place]))
      [at, place] = [at + 1, place + 1];
    else if (star >= 0) [at, place] = [star + 1, ++from];
    else return false;
  }
  return wanted.slice(at).every((c) => c === "*");
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

function time(text: string | null): string | null {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
