/** How long a key counts, as it is chosen. */
export const lifetimes = ["30", "90", "365", "date", "never"] as const;
export type Lifetime = (typeof lifetimes)[number];

const dayMs = 24 * 60 * 60 * 1000;

/**
 * When a key ends; null for never.
 * @param day of the choice `date`: `YYYY-MM-DD`, and the key counts to its end by the clock of whoever chose it
 */
export function endOf(lifetime: Lifetime, day: string, now: number): string | null {
  if (lifetime === "never") return null;
  if (lifetime !== "date") return new Date(now + Number(lifetime) * dayMs).toISOString();
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year!, month! - 1, date! + 1).toISOString();
}
