/** What a camera sends, for whoever has none yet: bits per second of H.264 at a usual quality. */
export const qualities = [
  { name: "hd", bitsPerSecond: 2e6 },
  { name: "fullHd", bitsPerSecond: 4e6 },
  { name: "ultraHd", bitsPerSecond: 12e6 },
] as const;

export type Quality = (typeof qualities)[number]["name"];

/** Days that a room holds all that so many cameras send. */
export function daysOf(bytes: number, cameras: number, bitsPerSecond: number): number {
  const perDay = (cameras * bitsPerSecond * 86_400) / 8;
  return perDay > 0 ? bytes / perDay : 0;
}

/** Of the pools that are written to: what recordings may fill, used or not; what is free while that is not known. */
export function roomOf(
  pools: readonly {
    role: string;
    state: string;
    capacityBytes?: number | null;
    usedBytes?: number | null;
    freeBytes?: number | null;
  }[],
): number {
  return pools
    .filter((p) => p.role === "record" && p.state !== "away")
    .reduce((sum, p) => sum + (p.capacityBytes || (p.usedBytes ?? 0) + (p.freeBytes ?? 0)), 0);
}
