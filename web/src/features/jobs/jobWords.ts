import type { JobView } from "@/api/jobs";
import { duration } from "@/components/time";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { words } from "./words";

export const kindWords = (job: JobView): string => wordFor(words.kinds, job.kind) ?? job.kind;

const isBytes = (kind: string): boolean => kind === "export" || kind === "move";

/** So much of what the kind counts. */
function amount(kind: string, n: number): string {
  if (isBytes(kind)) return words.megabytes(number(n / 1e6, n < 1e7 ? 1 : 0));
  if (kind === "fetch") return duration(n * 1000);
  if (kind === "scan") return words.questions(n);
  return kind === "cameraImport" ? words.lines(n) : words.cameras(n);
}

/** "12 of 40 cameras, 3 cameras per second, 9 s left": as far as it is known. */
export function progressWords(job: JobView): string {
  const parts: string[] = [];
  if (job.total != null && job.total > 0)
    parts.push(words.doneOf(doneWords(job.kind, job.done), amount(job.kind, job.total)));
  if (job.state === "running" && job.ratePerSecond != null && job.ratePerSecond >= 0.1)
    parts.push(words.rate(amountOfRate(job.kind, job.ratePerSecond)));
  if (job.state === "running" && job.secondsLeft != null) parts.push(words.left(duration(job.secondsLeft * 1000)));
  return parts.join(", ");
}

/** Without what it counts, where the total says that. */
function doneWords(kind: string, done: number): string {
  if (isBytes(kind)) return number(done / 1e6, 1);
  return kind === "fetch" ? duration(done * 1000) : number(done);
}

function amountOfRate(kind: string, rate: number): string {
  // Seconds of a recording, each second.
  if (kind === "fetch") return duration(rate * 1000);
  return isBytes(kind) ? words.megabytes(number(rate / 1e6, 1)) : number(rate, 1);
}

/** What came of it, of the kinds whose results are known; null where there is nothing to say. */
export function resultWords(job: JobView): string | null {
  if (job.state !== "done" || typeof job.result !== "object" || job.result === null) return null;
  const result = job.result as Record<string, unknown>;
  const count = (name: string): number | undefined => (typeof result[name] === "number" ? result[name] : undefined);
  const parts: string[] = [];
  if (count("found") !== undefined) parts.push(words.devices(count("found")!));
  if (count("findings") !== undefined) {
    parts.push(words.findings(count("findings")!));
    if (count("files") !== undefined) parts.push(words.looked(count("files")!));
  }
  const seconds = count("filledSeconds");
  if (seconds !== undefined) {
    if (seconds === 0) return words.nothingFetched;
    parts.push(words.fetched(duration(seconds * 1000)));
    if (count("bytes")) parts.push(amount("export", count("bytes")!));
  }
  if (job.kind === "move" && count("bytes") !== undefined) {
    parts.push(count("segments") === 0 ? words.nothingToMove : words.moved(amount("move", count("bytes")!)));
    if (count("left")) parts.push(words.stay(count("left")!));
  }
  if (count("added") !== undefined) {
    parts.push(words.added(count("added")!));
    if (count("refused")) parts.push(words.failed(count("refused")!));
  }
  return parts.join(", ") || null;
}
