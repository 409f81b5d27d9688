import type { Box } from "@/api/exports";

/** The server takes no more for one camera. */
export const maxBoxes = 16;

const smallest = 0.02;
const step = 0.01;

const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
/** Five digits are less than a pixel. */
const round = (value: number) => Math.round(value * 1e5) / 1e5;

/** Between two corners, as far as it lies in the picture. */
export function boxBetween(a: readonly [number, number], b: readonly [number, number]): Box {
  const [x1, x2] = [within(Math.min(a[0], b[0]), 0, 1), within(Math.max(a[0], b[0]), 0, 1)];
  const [y1, y2] = [within(Math.min(a[1], b[1]), 0, 1), within(Math.max(a[1], b[1]), 0, 1)];
  return [round(x1), round(y1), round(x2 - x1), round(y2 - y1)];
}

/** A click is no box. */
export const largeEnough = ([, , width, height]: Box) => width >= smallest && height >= smallest;

/** What a key makes of a box: moved, or sized; null for other keys. It stays in the picture. */
export function keyedBox([x, y, width, height]: Box, key: string, sizes: boolean): Box | null {
  const dx = key === "ArrowRight" ? step : key === "ArrowLeft" ? -step : 0;
  const dy = key === "ArrowDown" ? step : key === "ArrowUp" ? -step : 0;
  if (dx === 0 && dy === 0) return null;
  return sizes
    ? [x, y, round(within(width + dx, smallest, 1 - x)), round(within(height + dy, smallest, 1 - y))]
    : [round(within(x + dx, 0, 1 - width)), round(within(y + dy, 0, 1 - height)), width, height];
}
