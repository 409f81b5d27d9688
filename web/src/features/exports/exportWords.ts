import type { Export, ExportFormat, ExportState } from "@/api/exports";
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

/** "MKV, with the time, 2 hidden areas": what makes the files other than recorded; null for those that are as recorded. */
export function alterationWords(e: Pick<Export, "format" | "watermark" | "burnIn">): string | null {
  const masks = e.burnIn?.masks.length ?? 0;
  const burnt = [
    e.burnIn?.time ? "the time" : null,
    e.watermark ? `“${e.watermark}”` : null,
    masks > 0 ? `${masks} hidden ${masks === 1 ? "area" : "areas"}` : null,
  ].filter((w) => w !== null);
  const words = [e.format === "mkv" ? "MKV" : null, burnt.length > 0 ? `with ${burnt.join(", ")}` : null];
  return words.filter((w) => w !== null).join(" ") || null;
}

/** What an export of this kind proves, in one line. */
export function proofWords(format: ExportFormat, burnsIn: boolean): string {
  if (burnsIn)
    return "The pictures are made anew, which takes a while. The signed list says what was burnt in and proves that the files are what was exported, not what was recorded. Where that may be asked, export the plain MP4 as well.";
  if (format === "mkv")
    return "The recorded pictures and sound, from the keyframe before the start. The signed list proves that the files are what was exported. To prove what was recorded, second by second, export MP4.";
  return "MP4 as it was recorded, with a signed list of its files and a page that proves, without a network, that nothing was changed. A few seconds from before the start may be in the files, not shown.";
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
