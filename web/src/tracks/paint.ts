import type { FoundObject } from "@/api/tracks";
import type { Camera } from "@/api/types";
import { number } from "@/i18n/formats";
import type { Rect } from "@/picture/placeInTile";
import type { Point } from "@/picture/zoom";
import { classWords } from "./classWords";
import { crossingArrow } from "./crossingArrow";
import { kindOf, kinds, type Kind } from "./kinds";
import { words } from "./words";

export type Colours = Record<Kind | "zone" | "crossing", string>;

/** The theme's colours, as they are around an element. */
export function coloursAt(element: Element): Colours {
  const style = getComputedStyle(element);
  const names = [...kinds, "zone", "crossing"] as const;
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`)])) as Colours;
}

const font = "500 11px 'Inter Variable', system-ui, sans-serif";
const labelHeight = 16;
const shade = "rgba(0, 0, 0, 0.6)";

/** A frame around each object, with what it is and how sure that is. What stands still is fainter. */
export function paintObjects(
  context: CanvasRenderingContext2D,
  objects: readonly FoundObject[],
  place: Rect,
  colours: Colours,
): void {
  context.font = font;
  context.textBaseline = "middle";
  for (const { box, class: className, confidence, moving } of objects) {
    const [x, y] = [place.left + box[0] * place.width, place.top + box[1] * place.height];
    const [width, height] = [box[2] * place.width, box[3] * place.height];
    const colour = colours[kindOf(className)];
    context.globalAlpha = moving ? 1 : 0.65;
    // Dark below it: it has to be seen on a white wall, too.
    context.strokeStyle = shade;
    context.lineWidth = 4;
    context.strokeRect(x, y, width, height);
    context.strokeStyle = colour;
    context.lineWidth = 2;
    context.strokeRect(x, y, width, height);
    label(context, words.label(classWords(className), number(confidence * 100)), { x, y }, colour);
  }
  context.globalAlpha = 1;
}

/** Above a corner; below it where there is no room. */
function label(context: CanvasRenderingContext2D, text: string, corner: Point, colour: string) {
  const width = context.measureText(text).width + 8;
  const top = corner.y >= labelHeight + 1 ? corner.y - labelHeight - 1 : corner.y + 1;
  const left = Math.max(0, corner.x - 1);
  context.fillStyle = "rgba(0, 0, 0, 0.75)";
  context.fillRect(left, top, width, labelHeight);
  context.fillStyle = colour;
  context.fillText(text, left + 4, top + labelHeight / 2 + 0.5);
}

/** A camera's zones and lines, faintly: where something is told, not what is there. */
export function paintPlaces(
  context: CanvasRenderingContext2D,
  { zones, lines }: Pick<Camera["analytics"], "zones" | "lines">,
  place: Rect,
  colours: Colours,
): void {
  const onScreen = ([x = 0, y = 0]: readonly number[]): Point => ({
    x: place.left + x * place.width,
    y: place.top + y * place.height,
  });
  context.font = font;
  context.textBaseline = "middle";
  context.lineWidth = 1.5;
  for (const zone of zones) {
    const points = zone.polygon.map(onScreen);
    trace(context, points);
    context.closePath();
    context.fillStyle = context.strokeStyle = colours.zone;
    context.globalAlpha = 0.1;
    context.fill();
    context.globalAlpha = 0.7;
    context.stroke();
    const [top] = points.toSorted((a, b) => a.y - b.y);
    if (top) label(context, zone.name, { x: top.x, y: top.y }, colours.zone);
  }
  for (const line of lines) {
    const points = line.points.map(onScreen);
    trace(context, points);
    context.strokeStyle = colours.crossing;
    context.globalAlpha = 0.8;
    context.stroke();
    const arrow = crossingArrow(points, 28);
    if (arrow) paintArrow(context, arrow);
    if (points[0]) label(context, line.name, points[0], colours.crossing);
  }
  context.globalAlpha = 1;
}

function trace(context: CanvasRenderingContext2D, points: readonly Point[]) {
  context.beginPath();
  points.forEach(({ x, y }) => context.lineTo(x, y));
}

function paintArrow(context: CanvasRenderingContext2D, { from, to }: { from: Point; to: Point }) {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  for (const side of [-1, 1]) {
    context.moveTo(to.x, to.y);
    context.lineTo(to.x - 7 * Math.cos(angle + side * 0.5), to.y - 7 * Math.sin(angle + side * 0.5));
  }
  context.stroke();
}
