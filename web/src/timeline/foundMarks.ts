import type { Span } from "./footage";
import { toPixels } from "./reduce";
import type { View } from "./scale";

const colour = "#ff9447";
const edge = "rgba(11,13,16,0.85)";
/** CSS pixels; a shorter lane is filled. */
const barHeight = 14;
const narrowest = 3;

/** What a motion search found, across the middle of the lane: the newest lies beside bookmarks and holds, not under them. */
export function drawFound(
  context: CanvasRenderingContext2D,
  found: readonly Span[],
  view: View,
  width: number,
  top: number,
  height: number,
) {
  const bar = Math.min(barHeight, height);
  const y = top + (height - bar) / 2;
  for (const { left, right } of toPixels(found, view, width, narrowest)) {
    context.fillStyle = edge;
    context.fillRect(left - 1, y - 1, right - left + 2, bar + 2);
    context.fillStyle = colour;
    context.fillRect(left, y, right - left, bar);
  }
}
