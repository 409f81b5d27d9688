import { useQuery } from "@tanstack/react-query";
import { call } from "@/api/client";
import { forecastWords } from "@/components/time";

/** One storage pool, as the dashboard has it; what is not known while it is away is null. */
export interface StoragePool {
  name: string;
  role: string;
  state: string;
  usedBytes?: number | null;
  freeBytes?: number | null;
  capacityBytes?: number | null;
  headroomHours?: number | null;
  forecastDays?: number | null;
  movedBytes: number;
}

export interface StorageFigures {
  usedBytes?: number | null;
  keptBytes?: number | null;
  forecastDays?: number | null;
  pools?: StoragePool[];
}

/** The storage part of the dashboard. */
export function useStorage() {
  return useQuery({
    queryKey: ["dashboard"],
    queryFn: ({ signal }) => call<{ storage: StorageFigures }>("GET", "/api/dashboard", undefined, signal),
    select: (dashboard) => dashboard.storage,
    refetchInterval: 15_000,
  });
}

export function gigabytes(bytes: number): string {
  const size = bytes / 1e9;
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} GB`;
}

/** What a pool's state means for whoever looks, and how bad it is; null when there is nothing to say. */
export function poolTrouble(pool: StoragePool): string | null {
  switch (pool.state) {
    case "full":
      return "full, and nothing in it may be deleted: nothing is recorded into it";
    case "failed":
      return "does not take what is recorded: look at its disk";
    case "away":
      return "not there: is its disk mounted?";
    default:
      return null;
  }
}

/** How much of a pool is filled, 0 to 1: of what recordings may fill, or of its disk while that is not known. */
export function poolFill(pool: StoragePool): number {
  const used = pool.usedBytes ?? 0;
  const all = pool.capacityBytes || used + (pool.freeBytes ?? 0);
  return all > 0 ? Math.min(1, used / all) : 0;
}

/** What stands behind a pool's bar. */
export function poolWords(pool: StoragePool): string {
  const parts = [pool.role === "archive" ? "recordings are moved here" : "cameras are recorded here"];
  if (pool.usedBytes != null) parts.push(`${gigabytes(pool.usedBytes)} of recordings`);
  if (pool.freeBytes != null) parts.push(`${gigabytes(pool.freeBytes)} free`);
  if (pool.headroomHours != null) parts.push(`room for ${hours(pool.headroomHours)}`);
  if (pool.forecastDays != null) parts.push(`holds ${forecastWords(pool.forecastDays)}`);
  if (pool.movedBytes > 0) parts.push(`${gigabytes(pool.movedBytes)} moved here`);
  return parts.join(" · ");
}

function hours(value: number): string {
  if (value >= 48) return `${Math.round(value / 24)} days`;
  return value < 1 ? `${Math.max(1, Math.round(value * 60))} minutes` : `${Math.round(value)} h`;
}
