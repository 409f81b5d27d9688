import { toPixel, type View } from "./scale";
import { words } from "./words";

/** A bookmark or a hold on a lane. */
export interface KeptMark {
  kind: "bookmark" | "hold";
  /** Unix milliseconds; the same for a moment. */
  from: number;
  to: number;
  title: string;
}

const colours = { bookmark: "#b794ff", hold: "#3fd0c9" };
const barHeight = 3;
const narrowest = 2;

/** Holds are a bar at the top of the lane, bookmarks a flag and, for a stretch, a bar at its bottom. */
export function drawKept(
  context: CanvasRenderingContext2D,
  marks: readonly KeptMark[],
  view: View,
  width: number,
  top: number,
  height: number,
) {
  for (const mark of marks) {
    if (mark.to < view.from || mark.from > view.to) continue;
    const left = Math.max(-1, toPixel(view, width, mark.from));
    const right = Math.min(width + 1, toPixel(view, width, mark.to));
    context.fillStyle = colours[mark.kind];
    if (mark.kind === "hold") {
      context.fillRect(left, top, Math.max(narrowest, right - left), barHeight);
      continue;
    }
    if (mark.to > mark.from)
      context.fillRect(left, top + height - barHeight, Math.max(narrowest, right - left), barHeight);
    if (mark.from < view.from) continue;
    const pole = Math.round(left);
    context.fillRect(pole - 1, top, 2, height);
    // In a dark edge, to be seen on every colour of the lane.
    context.strokeStyle = "rgba(11,13,16,0.85)";
    context.beginPath();
    context.moveTo(pole + 1, top + barHeight);
    context.lineTo(pole + 12, top + barHeight + 6);
    context.lineTo(pole + 1, top + barHeight + 12);
    context.closePath();
    context.stroke();
    context.fill();
  }
}

/** What stands at a time, the narrowest first: a flag in a long hold is found. */
export function keptAt(marks: readonly KeptMark[], at: number, slack: number): KeptMark | null {
  const hit = marks.filter((m) => m.from - slack <= at && at <= m.to + slack);
  return hit.sort((a, b) => a.to - a.from - (b.to - b.from))[0] ?? null;
}

export function keptWords(mark: KeptMark): string {
  return mark.kind === "hold" ? words.hold(mark.title) : mark.title;
}
