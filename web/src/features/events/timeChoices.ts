import { day, hour } from "@/timeline/scale";

/** Midnight here, so many days before this one: days are not all 24 hours long. */
const midnight = (now: Date, daysAgo: number): string =>
  new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo).toISOString();

const before = (now: Date, ms: number): string => new Date(now.getTime() - ms).toISOString();

/** Times that are asked for often. */
export const timeChoices = [
  { name: "lastHour", span: (now: Date) => ({ from: before(now, hour), to: null }) },
  { name: "lastDay", span: (now: Date) => ({ from: before(now, day), to: null }) },
  { name: "today", span: (now: Date) => ({ from: midnight(now, 0), to: null }) },
  { name: "yesterday", span: (now: Date) => ({ from: midnight(now, 1), to: midnight(now, 0) }) },
  { name: "week", span: (now: Date) => ({ from: midnight(now, 7), to: null }) },
] as const;
