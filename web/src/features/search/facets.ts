import type { CountSeries } from "@/api/detections";
import { groupsOf, type GetTreeGroupNode } from "@/api/tree";
import type { Camera } from "@/api/types";
import type { SearchWish } from "./wish";

/** Offered whether there are some or not. */
const usualClasses = ["person", "car", "truck", "bus", "motorcycle", "bicycle", "dog", "cat"];

/** Classes to choose from: the most frequent first, then those that could have been. */
export function facetsOf(
  series: readonly Pick<CountSeries, "name" | "total">[],
  chosen: readonly string[],
): { name: string; total: number }[] {
  const seen = series.flatMap(({ name, total }) => (name === null ? [] : [{ name, total }]));
  const names = new Set(seen.map((s) => s.name));
  const rest = [...chosen, ...usualClasses].filter((name) => !names.has(name) && names.add(name));
  return [...seen, ...rest.map((name) => ({ name, total: 0 }))];
}

/** Names of the zones and lines of the chosen cameras, or of all. */
export function shapeNames(
  cameras: readonly Pick<Camera, "id" | "analytics">[],
  wish: Pick<SearchWish, "cameras" | "groups">,
  groups: readonly GetTreeGroupNode[],
): { zones: string[]; lines: string[] } {
  const chosen = new Set(wish.cameras);
  for (const { group } of groupsOf(groups))
    if (wish.groups.includes(group.id))
      for (const { group: within } of groupsOf([group])) within.cameraIds.forEach((id) => chosen.add(id));
  const meant = chosen.size === 0 && wish.groups.length === 0 ? cameras : cameras.filter((c) => chosen.has(c.id));
  const names = (of: (camera: Pick<Camera, "analytics">) => readonly { name: string }[]) =>
    [...new Set(meant.flatMap((c) => of(c).map((s) => s.name)))].sort((a, b) => a.localeCompare(b));
  return { zones: names((c) => c.analytics.zones), lines: names((c) => c.analytics.lines) };
}
