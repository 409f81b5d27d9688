import { clock, dayAndClock, duration } from "@/components/time";
import { gapAt, type Footage } from "@/timeline/footage";
import { gapWords } from "@/timeline/gapWords";
import { words } from "./words";

/** Why a camera shows nothing at a time: the cause of the gap and how long it lasts, or that nothing is known. */
export function nothingWords(footage: Footage, at: number): { title: string; detail: string } {
  const gap = gapAt(footage.gaps, at);
  if (!gap) return { title: words.nothingHere, detail: words.noVideoAt(dayAndClock(at)) };
  const sameDay = new Date(gap.from).toDateString() === new Date(gap.to).toDateString();
  const time = sameDay ? clock : dayAndClock;
  return {
    title: gapWords(gap.cause),
    detail: words.noVideoFrom(time(gap.from), time(gap.to), duration(gap.to - gap.from)),
  };
}
