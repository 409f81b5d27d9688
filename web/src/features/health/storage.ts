import { useDashboard } from "@/api/dashboard";
import type { Schemas } from "@/api/types";
import { forecastWords } from "@/components/time";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** One storage pool, as the dashboard has it; what is not known while it is away is null. */
export type StoragePool = Schemas["PoolView"];
export type StorageFigures = Schemas["StorageView"];

/** The storage part of the dashboard. */
export const useStorage = () => useDashboard((dashboard) => dashboard.storage);

export function gigabytes(bytes: number): string {
  const size = bytes / 1e9;
  return `${number(size, size < 10 ? 1 : 0)} GB`;
}

/** What a pool's state means for whoever looks, and how bad it is; null when there is nothing to say. */
export function poolTrouble(pool: StoragePool): string | null {
  return wordFor(words.poolTroubles, pool.state) ?? null;
}

/** How much of a pool is filled, 0 to 1: of what recordings may fill, or of its disk while that is not known. */
export function poolFill(pool: StoragePool): number {
  const used = pool.usedBytes ?? 0;
  const all = pool.capacityBytes || used + (pool.freeBytes ?? 0);
  return all > 0 ? Math.min(1, used / all) : 0;
}

/** What stands behind a pool's bar. */
export function poolWords(pool: StoragePool): string {
  const parts = [pool.role === "archive" ? words.movedHere : words.recordedHere];
  if (pool.usedBytes != null) parts.push(words.used(gigabytes(pool.usedBytes)));
  if (pool.freeBytes != null) parts.push(words.free(gigabytes(pool.freeBytes)));
  if (pool.headroomHours != null) parts.push(words.roomFor(hours(pool.headroomHours)));
  if (pool.forecastDays != null) parts.push(words.holds(forecastWords(pool.forecastDays)));
  if (pool.movedBytes > 0) parts.push(words.moved(gigabytes(pool.movedBytes)));
  return parts.join(" · ");
}

function hours(value: number): string {
  if (value >= 48) return words.days(Math.round(value / 24));
  return value < 1 ? words.minutes(Math.max(1, Math.round(value * 60))) : words.hours(Math.round(value));
}
