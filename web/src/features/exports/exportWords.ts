import type { Export, ExportFormat } from "@/api/exports";
import { dayAndClock } from "@/components/time";
import { number } from "@/i18n/formats";
import { problemWords } from "@/api/problem";
import { words } from "./words";

/** "4.2 MB": decimal, as file managers have it. */
export function bytes(count: number): string {
  if (count < 1_000) return words.bytes(count);
  for (const [unit, size] of [
    ["kB", 1e3],
    ["MB", 1e6],
    ["GB", 1e9],
  ] as const)
    if (count < 999.5 * size) return `${number(count / size, count < 9.95 * size ? 1 : 0)} ${unit}`;
  return `${number(count / 1e12, 1)} TB`;
}

/** "MKV, with the time, 2 hidden areas": what makes the files other than recorded; null for those that are as recorded. */
export function alterationWords(e: Pick<Export, "format" | "watermark" | "burnIn">): string | null {
  const masks = e.burnIn?.masks?.length ?? 0;
  const burnt = [
    e.burnIn?.time ? words.theTime : null,
    e.watermark ? words.quoted(e.watermark) : null,
    e.burnIn?.faces ? words.hiddenFaces : null,
    masks > 0 ? words.hiddenAreas(masks) : null,
  ].filter((w) => w !== null);
  const parts = [e.format === "mkv" ? "MKV" : null, burnt.length > 0 ? words.with(burnt.join(", ")) : null];
  return parts.filter((w) => w !== null).join(" ") || null;
}

/** "1 h 5 min": whole seconds, minutes or hours, never less than it is. */
export function lengthWords(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return words.seconds(whole);
  const minutes = Math.ceil(whole / 60);
  if (minutes < 60) return words.minutes(minutes);
  return minutes % 60 === 0
    ? words.hours(minutes / 60)
    : `${words.hours(Math.floor(minutes / 60))} ${words.minutes(minutes % 60)}`;
}

/** What an export of this kind proves, in one line. */
export function proofWords(format: ExportFormat, burnsIn: boolean): string {
  if (burnsIn) return words.proofOfBurnIn;
  return format === "mkv" ? words.proofOfMkv : words.proofOfMp4;
}

/** "12 of 40 MB", once the whole is known. */
export function progressWords(e: Export): string | null {
  if (e.state !== "running" || !e.bytesTotal) return null;
  return words.doneOf(bytes(e.bytesDone), bytes(e.bytesTotal));
}

/** What comes of it: why it failed, how long it is kept, what became of its files. */
export function outcomeWords(e: Export): string | null {
  if (e.state === "done" && e.expiresAt)
    return [
      words.keptUntil(dayAndClock(Date.parse(e.expiresAt))),
      e.unlookedSeconds && e.unlookedSeconds >= 1 ? words.facesSeenFor(lengthWords(e.unlookedSeconds)) : null,
    ]
      .filter((w) => w !== null)
      .join(", ");
  if (e.state === "failed" || e.state === "queued") return e.error ? problemWords(e.error) : null;
  if (e.state === "expired") return words.filesRemoved;
  return null;
}
