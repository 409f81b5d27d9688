import { timeFormat } from "@/i18n/formats";
import { duration } from "./time";
import { useNow } from "./useNow";
import { words } from "./words";

const full = timeFormat({
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

const dayMs = 24 * 60 * 60 * 1000;

/** "Just now", "3 h ago", "28 Nov 2026, 14:03": what lies back a day or more has a date. */
export function whenWords(at: number, now: number): string {
  const past = now - at;
  if (Math.abs(past) < 60_000) return words.justNow;
  if (past < 0 || past >= dayMs) return full(at);
  return words.ago(duration(past - (past % 60_000)));
}

/** A moment as people say it; the exact one on hover. */
export function When({ at }: { at: string }) {
  return (
    <time dateTime={at} title={at} className="tabular whitespace-nowrap">
      {whenWords(Date.parse(at), useNow())}
    </time>
  );
}
