/** Which layouts the wall has, and which cameras stand on a page of it. Pure. */
export const layouts = [1, 4, 9, 16] as const;
export type Layout = (typeof layouts)[number];

export function columnsOf(layout: Layout): number {
  return Math.sqrt(layout);
}

/** Smallest layout that shows them all, the largest when none does. */
export function layoutFor(cameras: number): Layout {
  return layouts.find((l) => l >= cameras) ?? 16;
}

export function parseLayout(text: string | null): Layout | null {
  return layouts.find((l) => String(l) === text) ?? null;
}

export function pageCount(cameras: number, layout: Layout): number {
  return Math.max(1, Math.ceil(cameras / layout));
}

/** The cameras of one page; a page past the end is the last one. */
export function pageOf<T>(cameras: readonly T[], layout: Layout, page: number): T[] {
  const last = pageCount(cameras.length, layout) - 1;
  const start = Math.min(Math.max(0, page), last) * layout;
  return cameras.slice(start, start + layout);
}
