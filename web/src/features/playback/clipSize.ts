import { firstEndingAfter, type Span } from "@/timeline/footage";
import { second } from "@/timeline/scale";
import { words as pageWords } from "@/components/words";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** Milliseconds of video in a range. */
export function recordedIn(recordings: readonly Span[], range: Span): number {
  let recorded = 0;
  for (let i = firstEndingAfter(recordings, range.from); i < recordings.length && recordings[i]!.from < range.to; i++)
    recorded += Math.min(range.to, recordings[i]!.to) - Math.max(range.from, recordings[i]!.from);
  return recorded;
}

/** "about 24 MB", by the rate the camera sends at now; null where that is not known. */
export function clipSize(recordedMs: number, bitrateBps: number | null | undefined): string | null {
  if (!bitrateBps) return null;
  const megabytes = (recordedMs / second) * (bitrateBps / 8 / 1e6);
  if (megabytes < 1) return words.sizeBelow;
  if (megabytes < 1000) return words.sizeAbout(`${Math.round(megabytes)} MB`);
  return words.sizeAbout(`${number(megabytes / 1000, 1)} GB`);
}

/** "12.4 s", "3 min 20 s", "1 h 5 min": a length that somebody sets exactly. */
export function exactLength(ms: number): string {
  const seconds = ms / second;
  if (seconds < 60) return words.seconds(number(seconds, seconds.toFixed(1).endsWith(".0") ? 0 : 1));
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (hours > 0) return minutes > 0 ? pageWords.hoursAndMinutes(hours, minutes) : pageWords.hours(hours);
  return rest > 0 ? words.minutesAndSeconds(minutes, rest) : pageWords.minutes(minutes);
}
