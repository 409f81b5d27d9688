import { timeFormat } from "@/i18n/formats";

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

const minSpan = second;
/** Half a year. */
const maxSpan = 186 * day;

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

/** Around a time, with no more of the future than makes it recognisable. */
export function centreInPast(view: View, at: number, now: number): View {
  const centred = centreOn(view, at);
  return pan(centred, Math.min(0, now + spanOf(view) * 0.06 - centred.to));
}

const steps = [
  100,
  200,
  500,
  second,
  2 * second,
  5 * second,
  15 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
  14 * day,
  28 * day,
];

/** Labelled ticks at round local times, at least `minPixels` apart; days begin at local midnight also when the clocks change. */
export function ticks(view: View, width: number, minPixels: number): { at: number; step: number }[] {
  const step = steps.find((s) => (s / spanOf(view)) * width >= minPixels) ?? 28 * day;
  const result: { at: number; step: number }[] = [];
  const date = new Date(view.from);
  date.setHours(0, 0, 0, 0);
  if (step >= day) {
    const days = step / day;
    // Weeks are counted from a Monday, so that panning does not move the labels.
    date.setDate(date.getDate() - (localDayNumber(date) % days));
    for (; date.getTime() <= view.to; date.setDate(date.getDate() + days))
      if (date.getTime() >= view.from) result.push({ at: date.getTime(), step });
    return result;
  }
  let at = date.getTime();
  at += Math.max(0, Math.floor((view.from - at) / step)) * step;
  for (; at <= view.to; at += step) {
    // After a change of the clocks in the middle of this stretch, round hours are elsewhere.
    const off = step > hour ? (new Date(at).getHours() * hour) % step : 0;
    if (off !== 0) at += off > step / 2 ? step - off : -off;
    if (at >= view.from && at <= view.to) result.push({ at, step });
  }
  return result;
}

/** Days since a Monday, in local time. */
function localDayNumber(midnight: Date): number {
  return Math.round(Date.UTC(midnight.getFullYear(), midnight.getMonth(), midnight.getDate()) / day) + 3;
}

const dayLabel = timeFormat({ weekday: "short", day: "numeric", month: "short" });
const minuteLabel = timeFormat({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const secondLabel = timeFormat({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** "14:03:05.2", "14:03:05", "14:03" or "Sat 21": as fine as the step. */
export function tickLabel(at: number, step: number): string {
  const date = new Date(at);
  const startsDay = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0 && at % second === 0;
  if (step >= day || startsDay) return dayLabel(at);
  if (step >= minute) return minuteLabel(at);
  return secondLabel(at) + (step < second ? `.${Math.floor((((at % second) + second) % second) / 100)}` : "");
}
