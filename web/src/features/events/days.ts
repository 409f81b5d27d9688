/** Things in order of time, by local days, in the same order. */
export function byDay<T extends { at: string }>(items: readonly T[]): { day: number; items: T[] }[] {
  const days: { day: number; items: T[] }[] = [];
  for (const item of items) {
    const day = dayOf(Date.parse(item.at));
    const last = days.at(-1);
    if (last?.day === day) last.items.push(item);
    else days.push({ day, items: [item] });
  }
  return days;
}

/** Midnight here before it. */
function dayOf(at: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** How many midnights lie between: 0 today, 1 yesterday. Days with another length count as any other. */
export const daysAgo = (day: number, now: number): number => Math.round((dayOf(now) - day) / 86_400_000);
