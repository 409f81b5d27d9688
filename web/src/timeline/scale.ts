/** Which span of time a timeline shows, and how times become pixels. Pure; all times in Unix milliseconds. */
export interface View {
  /** Left edge. */
  from: number;
  /** Right edge. */
  to: number;
}

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

const minSpan = 10 * second;
const maxSpan = 62 * day;

export const spanOf = (view: View) => view.to - view.from;

export const toPixel = (view: View, width: number, at: number) => ((at - view.from) / spanOf(view)) * width;

export const toTime = (view: View, width: number, pixel: number) => view.from + (pixel / width) * spanOf(view);

/** Zooms by a factor (below 1: closer) while the time under the pointer stays where it is. */
export function zoom(view: View, factor: number, anchor: number): View {
  const span = Math.min(maxSpan, Math.max(minSpan, spanOf(view) * factor));
  const left = (anchor - view.from) / spanOf(view);
  return { from: anchor - left * span, to: anchor + (1 - left) * span };
}

export const pan = (view: View, by: number): View => ({ from: view.from + by, to: view.to + by });

export const centreOn = (view: View, at: number): View => ({ from: at - spanOf(view) / 2, to: at + spanOf(view) / 2 });

const steps = [
  second,
  5 * second,
  15 * second,
  30 * second,
  minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  7 * day,
];

/** Labelled ticks at round local times, at least `minPixels` apart. */
export function ticks(view: View, width: number, minPixels: number): { at: number; step: number }[] {
  const step = steps.find((s) => (s / spanOf(view)) * width >= minPixels) ?? 7 * day;
  const offset = new Date(view.from).getTimezoneOffset() * minute;
  const first = Math.ceil((view.from - offset) / step) * step + offset;
  const result = [];
  for (let at = first; at <= view.to; at += step) result.push({ at, step });
  return result;
}

/** "14:03:05", "14:03" or "Sat 21": as fine as the step. */
export function tickLabel(at: number, step: number): string {
  const date = new Date(at);
  const startsDay = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (step >= day || startsDay)
    return date.toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short" });
  return date.toLocaleTimeString(undefined, {
    hour: "2-digit",
    minute: "2-digit",
    ...(step < minute ? { second: "2-digit" } : {}),
    hourCycle: "h23",
  });
}
