import { firstEndingAfter, type Span } from "./footage";
import { spanOf, type View } from "./scale";

/** A stretch of pixels: from the left edge of the first to the right edge of the last. */
export interface PixelSpan {
  left: number;
  right: number;
}

/**
 * What of the spans falls into the view, in whole pixels; those that touch the same pixel become one. Half a year of minutes is drawn as
 * at most one rectangle for every other pixel, and found without looking at what is outside of the view.
 * @param spans In order of time, not overlapping.
 */
export function toPixels(spans: readonly Span[], view: View, width: number, minPixels = 1): PixelSpan[] {
  const perMs = width / spanOf(view);
  const result: PixelSpan[] = [];
  let last: PixelSpan | null = null;
  for (let i = firstEndingAfter(spans, view.from); i < spans.length; i++) {
    const span = spans[i]!;
    if (span.from >= view.to) break;
    const left = Math.max(0, Math.floor((span.from - view.from) * perMs));
    const right = Math.min(width, Math.max(left + minPixels, Math.ceil((span.to - view.from) * perMs)));
    const narrow = last !== null && (left < last.right || (span.from - spans[i - 1]!.to) * perMs < 1);
    if (last && narrow) last.right = Math.max(last.right, right);
    else result.push((last = { left, right }));
  }
  return result;
}

/** Those in view that are at least so wide, and those that are narrower: what is narrow must be seen and yet hide nothing. */
export function byWidth(
  spans: readonly Span[],
  view: View,
  width: number,
  pixels: number,
): { wide: Span[]; narrow: Span[] } {
  const limit = (pixels / width) * spanOf(view);
  const wide: Span[] = [];
  const narrow: Span[] = [];
  for (let i = firstEndingAfter(spans, view.from); i < spans.length && spans[i]!.from < view.to; i++)
    (spans[i]!.to - spans[i]!.from >= limit ? wide : narrow).push(spans[i]!);
  return { wide, narrow };
}
