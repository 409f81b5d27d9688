import { type Footage, type Mark, type Span } from "./footage";
import { drawKept, type KeptMark } from "./keptMarks";
import { drawFound } from "./foundMarks";
import { byWidth, toPixels } from "./reduce";
import { spanOf, tickLabel, ticks, toPixel, type View } from "./scale";
import { words } from "./words";

/** One camera on the timeline. */
export interface Lane {
  cameraId: string;
  name: string;
  footage: Footage;
  /** Bookmarks and holds. */
  kept?: readonly KeptMark[];
  /** What a motion search found. */
  found?: readonly Span[];
}

export interface TimelineScene {
  view: View;
  lanes: readonly Lane[];
  cursor: number;
  now: number;
  /** Chosen range, in order. */
  range: Span | null;
}

export const laneTop = 30;
const laneBottom = 8;
const laneGap = 3;
/** Thinner, and gaps are not seen. */
const leastLane = 7;

export const colours = {
  line: "#262b34",
  text: "#a3abb8",
  lane: "#1a1e25",
  continuous: "#3569b5",
  motion: "#3a9a6d",
  manual: "#8a63d2",
  alarm: "#f2555a",
  fetched: "#1f6f7a",
  fetchedLines: "rgba(143,228,238,0.75)",
  gap: "#4a2329",
  hatch: "rgba(242,85,90,0.6)",
  cursor: "#ffffff",
  now: "#4cc38a",
  mark: "#e8b339",
  range: "rgba(91,157,255,0.22)",
  handle: "#5b9dff",
};

/** Of what is recorded, by what made it; the legend shows the same. */
export const classes: Record<string, string> = {
  continuous: colours.continuous,
  motion: colours.motion,
  alarm: colours.alarm,
  event: colours.alarm,
  manual: colours.manual,
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
  const bottom = height - laneBottom;
  const laneHeight = laneHeightOf(height, scene.lanes.length);

  const ends = Math.min(width, x(scene.now));
  scene.lanes.forEach((lane, i) => {
    const top = laneTop + i * (laneHeight + laneGap);
    context.fillStyle = colours.lane;
    if (ends > 0) context.fillRect(0, top, ends, laneHeight);
    drawLane(context, lane, scene.view, width, top, laneHeight);
  });

  drawTicks(context, scene.view, width, bottom);
  scene.lanes.forEach((lane, i) => {
    const top = laneTop + i * (laneHeight + laneGap);
    if (lane.found) drawFound(context, lane.found, scene.view, width, top, laneHeight);
    if (lane.kept) drawKept(context, lane.kept, scene.view, width, top, laneHeight);
    drawMarks(context, lane.footage.marks, scene.view, width, top);
    if (scene.lanes.length > 1) nameLane(context, lane.name, top, laneHeight);
  });

  if (scene.now > scene.view.from && scene.now < scene.view.to) {
    context.fillStyle = colours.now;
    context.fillRect(Math.round(x(scene.now)), laneTop - 4, 2, bottom - laneTop + 8);
    const beside = x(scene.now) > width - 36 ? -30 : 6;
    label(context, words.now, Math.round(x(scene.now)) + beside, laneTop + 3, colours.now);
  }
  if (scene.range) drawRange(context, x(scene.range.from), x(scene.range.to), laneTop - 4, bottom + 4);
  drawCursor(context, x(scene.cursor), height);
}

/** CSS pixels: a few lanes share what one has, more make it higher. */
export function timelineHeight(lanes: number): number {
  return Math.max(104, laneTop + laneBottom + lanes * (leastLane + laneGap) - laneGap);
}

export function laneHeightOf(height: number, lanes: number): number {
  return (height - laneTop - laneBottom - laneGap * (Math.max(1, lanes) - 1)) / Math.max(1, lanes);
}

function drawLane(
  context: CanvasRenderingContext2D,
  { footage }: Lane,
  view: View,
  width: number,
  top: number,
  height: number,
) {
  for (const [kind, spans] of footage.byClass) {
    context.fillStyle = classes[kind] ?? colours.continuous;
    for (const { left, right } of toPixels(spans, view, width)) context.fillRect(left, top, right - left, height);
  }
  // Not by its colour alone: lines along it, where those of a loss go across.
  for (const { left, right } of toPixels(footage.fetched, view, width)) {
    context.fillStyle = colours.fetched;
    context.fillRect(left, top, right - left, height);
    context.fillStyle = colours.fetchedLines;
    for (let line = top + 2; line < top + height - 1; line += 4) context.fillRect(left, line, right - left, 1);
  }
  const { wide, narrow } = byWidth(footage.losses, view, width, 3);
  for (const { left, right } of toPixels(wide, view, width)) hatch(context, left, right, top, height);
  // A loss of half a second is seen in a month, too, but does not make it a month of loss.
  context.fillStyle = colours.alarm;
  const mark = Math.max(3, Math.round(height / 4));
  for (const { left, right } of toPixels(narrow, view, width, 2))
    context.fillRect(left, top + height - mark, right - left, mark);
}

function hatch(context: CanvasRenderingContext2D, left: number, right: number, top: number, height: number) {
  context.save();
  context.beginPath();
  context.rect(left, top, right - left, height);
  context.clip();
  context.fillStyle = colours.gap;
  context.fillRect(left, top, right - left, height);
  context.strokeStyle = colours.hatch;
  context.beginPath();
  // From the same corner wherever the gap begins, so that the pattern does not crawl while panning across its edge.
  for (let line = left - height - (left % 7); line < right; line += 7) {
    context.moveTo(line, top + height);
    context.lineTo(line + height, top);
  }
  context.stroke();
  context.restore();
}

function drawTicks(context: CanvasRenderingContext2D, view: View, width: number, bottom: number) {
  context.font = '11px "Inter Variable", system-ui, sans-serif';
  context.textBaseline = "top";
  for (const { at, step } of ticks(view, width, width < 500 ? 78 : 96)) {
    const pixel = Math.round(toPixel(view, width, at));
    context.fillStyle = colours.line;
    context.fillRect(pixel, 4, 1, bottom - 4);
    context.fillStyle = colours.text;
    context.fillText(tickLabel(at, step), pixel + 5, 4);
  }
}

function drawMarks(context: CanvasRenderingContext2D, marks: readonly Mark[], view: View, width: number, top: number) {
  context.fillStyle = colours.mark;
  let last = -10;
  for (const mark of marks) {
    if (mark.at < view.from || mark.at > view.to) continue;
    const pixel = Math.round(toPixel(view, width, mark.at));
    if (pixel - last < 3) continue;
    last = pixel;
    context.beginPath();
    context.moveTo(pixel - 4, top - 3);
    context.lineTo(pixel + 4, top - 3);
    context.lineTo(pixel, top + 4);
    context.fill();
  }
}

function nameLane(context: CanvasRenderingContext2D, name: string, top: number, height: number) {
  if (height < 12) return;
  label(context, name, 6, top + height / 2 - 6, "#e8eaed");
}

function label(context: CanvasRenderingContext2D, text: string, x: number, y: number, colour: string) {
  context.font = '11px "Inter Variable", system-ui, sans-serif';
  context.textBaseline = "top";
  context.lineWidth = 3;
  context.strokeStyle = "rgba(11,13,16,0.75)";
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
  context.lineWidth = 1;
}

function drawRange(context: CanvasRenderingContext2D, from: number, to: number, top: number, bottom: number) {
  context.fillStyle = colours.range;
  context.fillRect(from, top, to - from, bottom - top);
  context.fillStyle = colours.handle;
  for (const edge of [from, to]) {
    context.fillRect(edge - 1, top, 2, bottom - top);
    context.beginPath();
    context.roundRect(edge - 4, (top + bottom) / 2 - 11, 8, 22, 3);
    context.fill();
  }
}

function drawCursor(context: CanvasRenderingContext2D, cursor: number, height: number) {
  context.fillStyle = colours.cursor;
  context.fillRect(Math.round(cursor) - 1, laneTop - 8, 2, height - laneTop + 8);
  context.beginPath();
  context.moveTo(cursor - 6, laneTop - 12);
  context.lineTo(cursor + 6, laneTop - 12);
  context.lineTo(cursor, laneTop - 4);
  context.fill();
}

/** What a frame would look like; the same string, the same picture: nothing is drawn while nothing moves. */
export function sceneKey(canvas: HTMLCanvasElement, scene: TimelineScene): string {
  const pixelMs = spanOf(scene.view) / Math.max(1, canvas.clientWidth);
  return [
    scene.view.from,
    scene.view.to,
    Math.round(scene.cursor / (pixelMs / 2)),
    Math.round(scene.now / Math.max(500, pixelMs)),
    scene.range?.from,
    scene.range?.to,
    canvas.clientWidth,
    canvas.clientHeight,
    window.devicePixelRatio,
  ].join();
}
