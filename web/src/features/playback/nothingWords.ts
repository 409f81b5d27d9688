import { clock, dayAndClock, duration } from "@/components/time";
import { gapAt, type Footage } from "@/timeline/footage";
import { gapWords } from "@/timeline/gapWords";

/** Why a camera shows nothing at a time: the cause of the gap and how long it lasts, or that nothing is known. */
export function nothingWords(footage: Footage, at: number): { title: string; detail: string } {
  const gap = gapAt(footage.gaps, at);
  if (!gap) return { title: "Nothing recorded here", detail: `No video of this camera at ${dayAndClock(at)}.` };
  const sameDay = new Date(gap.from).toDateString() === new Date(gap.to).toDateString();
  return {
    title: gapWords(gap.cause),
    detail: `No video from ${sameDay ? clock(gap.from) : dayAndClock(gap.from)} to ${sameDay ? clock(gap.to) : dayAndClock(gap.to)} (${duration(gap.to - gap.from)}).`,
  };
}
