import type { Timeline } from "@/api/types";
import { second, tickLabel, ticks, toPixel, type View } from "./scale";

export interface TimelineScene {
  view: View;
  timeline: Timeline | undefined;
  cursor: number;
  now: number;
  /** Chosen range, in order. */
  range: { from: number; to: number } | null;
}

export const laneTop = 26;
const laneBottom = 10;

const colours = {
  line: "#262b34",
  text: "#a3abb8",
  lane: "#1a1e25",
  continuous: "#3f86f5",
  motion: "#4cc38a",
  alarm: "#f2555a",
  gap: "#6b2d33",
  cursor: "#ffffff",
  future: "#0e1013",
  range: "rgba(91,157,255,0.25)",
};

/** Draws one frame of the timeline. Called per animation frame while something moves, so it allocates little and knows no React. */
export function drawTimeline(canvas: HTMLCanvasElement, scene: TimelineScene): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const x = (at: number) => toPixel(scene.view, width, at);
  const laneHeight = height - laneTop - laneBottom;

  context.fillStyle = colours.lane;
  context.fillRect(0, laneTop, width, laneHeight);

  for (const recording of scene.timeline?.recordings ?? []) {
    context.fillStyle = colours[recording.class as "continuous"] ?? colours.continuous;
    bar(x(Date.parse(recording.from)), x(Date.parse(recording.to)), 1);
  }
  for (const gap of scene.timeline?.gaps ?? []) hatch(x(Date.parse(gap.from)), x(Date.parse(gap.to)));

  if (scene.now < scene.view.to) {
    context.fillStyle = colours.future;
    bar(x(scene.now), width, 0);
  }
  if (scene.range) {
    context.fillStyle = colours.range;
    context.fillRect(x(scene.range.from), laneTop - 4, x(scene.range.to) - x(scene.range.from), laneHeight + 8);
  }

  context.font = '11px "Inter Variable", system-ui, sans-serif';
  context.textBaseline = "top";
  for (const { at, step } of ticks(scene.view, width, 92)) {
    context.fillStyle = colours.line;
    context.fillRect(Math.round(x(at)), laneTop - 6, 1, laneHeight + 6);
    context.fillStyle = colours.text;
    context.fillText(tickLabel(at, step), Math.round(x(at)) + 4, 6);
  }

  const cursor = x(scene.cursor);
  context.fillStyle = colours.cursor;
  context.fillRect(Math.round(cursor) - 1, laneTop - 8, 2, height - laneTop + 8);
  context.beginPath();
  context.moveTo(cursor - 6, laneTop - 12);
  context.lineTo(cursor + 6, laneTop - 12);
  context.lineTo(cursor, laneTop - 4);
  context.fill();

  /** At least `min` pixels wide: half a second in a month still shows. */
  function bar(from: number, to: number, min: number) {
    const left = Math.max(0, from);
    const right = Math.min(width, to);
    if (right >= left) context!.fillRect(left, laneTop, Math.max(right - left, min), laneHeight);
  }

  function hatch(from: number, to: number) {
    const left = Math.max(0, from);
    const right = Math.min(width, Math.max(to, from + 3));
    if (right <= left) return;
    context!.save();
    context!.beginPath();
    context!.rect(left, laneTop, right - left, laneHeight);
    context!.clip();
    context!.fillStyle = colours.gap;
    context!.fillRect(left, laneTop, right - left, laneHeight);
    context!.strokeStyle = colours.alarm;
    context!.globalAlpha = 0.55;
    context!.beginPath();
    for (let line = left - laneHeight; line < right; line += 7) {
      context!.moveTo(line, laneTop + laneHeight);
      context!.lineTo(line + laneHeight, laneTop);
    }
    context!.stroke();
    context!.restore();
  }
}

/** The gap at a time, a few pixels wide at least, for the words on hover. */
export function gapAt(timeline: Timeline | undefined, view: View, width: number, pixel: number) {
  const slack = (3 / width) * (view.to - view.from);
  const at = view.from + (pixel / width) * (view.to - view.from);
  return timeline?.gaps.find(
    (g) => Date.parse(g.from) - slack <= at && at <= Math.max(Date.parse(g.to), Date.parse(g.from) + second) + slack,
  );
}
