/** How often a rule would have fired in one stretch of local time. */
export interface Bar {
  from: number;
  to: number;
  fired: number;
}

/** Days that are looked back on, and how many hours a bar has: few enough to be seen on a phone. */
export const periods = [
  { days: 1, barHours: 1 },
  { days: 7, barHours: 6 },
  { days: 30, barHours: 24 },
] as const;

/**
 * The bars from one time to another, those without anything too. They begin at whole hours of the local day, also where a day has 23 or 25 of them.
 * @param hours Those in which it would have fired.
 */
export function barsOf(
  hours: readonly { at: string; fired: number }[],
  from: number,
  to: number,
  barHours: number,
): Bar[] {
  const start = new Date(from);
  start.setHours(Math.floor(start.getHours() / barHours) * barHours, 0, 0, 0);
  const bars: Bar[] = [];
  for (let at = start; at.getTime() < to;) {
    const next = new Date(at);
    next.setHours(next.getHours() + barHours);
    // An hour that the clock is put forward over has no bar of its own.
    if (next.getTime() > at.getTime()) bars.push({ from: at.getTime(), to: next.getTime(), fired: 0 });
    at = next;
  }
  for (const { at, fired } of hours) {
    const ms = Math.max(Date.parse(at), start.getTime());
    const bar = bars.findLast((b) => b.from <= ms);
    if (bar) bar.fired += fired;
  }
  return bars;
}
