import type { Export, ExportState } from "@/api/exports";
import { dayAndClock } from "@/components/time";

export const stateWord: Record<ExportState, string> = {
  queued: "Waiting",
  running: "Being made",
  done: "Ready",
  failed: "Failed",
  cancelled: "Cancelled",
  deleted: "Deleted",
  expired: "Expired",
};

/** "4.2 MB": decimal, as file managers have it. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} bytes`;
  for (const [unit, size] of [
    ["kB", 1e3],
    ["MB", 1e6],
    ["GB", 1e9],
  ] as const)
    if (count < 999.5 * size) return `${(count / size).toFixed(count < 9.95 * size ? 1 : 0)} ${unit}`;
  return `${(count / 1e12).toFixed(1)} TB`;
}

/** "12 of 40 MB", once the whole is known. */
export function progressWords(e: Export): string | null {
  if (e.state !== "running" || !e.bytesTotal) return null;
  return `${bytes(e.bytesDone)} of ${bytes(e.bytesTotal)}`;
}

/** What comes of it: why it failed, how long it is kept, what became of its files. */
export function outcomeWords(e: Export): string | null {
  if (e.state === "done" && e.expiresAt) return `kept until ${dayAndClock(Date.parse(e.expiresAt))}`;
  if (e.state === "failed" || e.state === "queued") return e.error?.message ?? null;
  if (e.state === "expired") return "its files were removed";
  return null;
}
