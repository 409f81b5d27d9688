import { firstEndingAfter, type Footage, type Span } from "@/timeline/footage";
import { second } from "@/timeline/scale";

/** One day of the calendar. */
export interface FootageDay extends Span {
  dayOfMonth: number;
  /** Where its footage begins; null when it has none. */
  firstFootage: number | null;
  /** Milliseconds without video although there should be some. */
  lost: number;
}

/** Losses shorter than this happen with every reconnect and mark no day. */
const lossMatters = 2 * second;

/** A local month, from its first midnight to the one after its last day. */
export function monthOf(at: number, by = 0): Span {
  const date = new Date(at);
  return {
    from: new Date(date.getFullYear(), date.getMonth() + by, 1).getTime(),
    to: new Date(date.getFullYear(), date.getMonth() + by + 1, 1).getTime(),
  };
}

/** The days of a month and what is recorded on each; days are as long as the zone makes them. */
export function daysOf(month: Span, footage: Footage): FootageDay[] {
  const days: FootageDay[] = [];
  const date = new Date(month.from);
  while (date.getTime() < month.to) {
    const from = date.getTime();
    const dayOfMonth = date.getDate();
    date.setDate(dayOfMonth + 1);
    const to = date.getTime();
    const recording = footage.recordings[firstEndingAfter(footage.recordings, from)];
    let lost = 0;
    for (
      let i = firstEndingAfter(footage.losses, from);
      i < footage.losses.length && footage.losses[i]!.from < to;
      i++
    ) {
      const gap = footage.losses[i]!;
      lost += Math.min(to, gap.to) - Math.max(from, gap.from);
    }
    days.push({
      from,
      to,
      dayOfMonth,
      firstFootage: recording && recording.from < to ? Math.max(from, recording.from) : null,
      lost: lost > lossMatters ? lost : 0,
    });
  }
  return days;
}
