import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { cn } from "@/components/cn";
import type { Point, Size } from "@/picture/zoom";
import { formOf, isDrawn, type Kind, type Shape } from "./draft";
import { most, moved, pointOf as placeOf, spotAt, withSpotAdded, withSpotMoved, type Spot } from "./geometry";
import { ShapeView } from "./ShapeView";
import { words } from "./words";

/** So near to its first corner a polygon is closed; a click so near to the last one is its second. */
const closePx = 14;

type Drag =
  | { kind: "point"; shape: Shape; index: number; spots: Spot[] }
  | { kind: "shape"; shape: Shape; from: Spot; spots: Spot[] };

/** Zones, lines and masks over the picture, to be drawn and changed with the mouse, a finger or keys. */
export function ShapeLayer({
  shapes,
  selectedId,
  drawing,
  leastHeight,
  disabled,
  onSelect,
  onSpots,
  onRemove,
  onDrawn,
  onDraw,
}: {
  shapes: readonly Shape[];
  selectedId: string | null;
  /** What is being drawn, with the corners that it has already. */
  drawing: { kind: Kind; spots: readonly Spot[] } | null;
  /** Height of the lowest object that counts, while somebody sets it. */
  leastHeight: number | null;
  /** Shapes can be selected, and not changed. */
  disabled: boolean;
  onSelect: (id: string | null) => void;
  /** @param what the step that it belongs to, see `history.ts` */
  onSpots: (shape: Shape, spots: Spot[], what: string | null) => void;
  onRemove: (shape: Shape) => void;
  /** Further corners of what is being drawn. */
  onDraw: (spots: Spot[]) => void;
  /** It is done. */
  onDrawn: (kind: Kind, spots: Spot[]) => void;
}) {
  const svg = useRef<SVGSVGElement>(null);
  const [size, setSize] = useState<Size | null>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const [hover, setHover] = useState<Spot | null>(null);
  const down = useRef<Point | null>(null);

  useEffect(() => {
    const element = svg.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);

  const pointOf = (e: PointerEvent): Point => {
    const box = svg.current!.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  };
  const far = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

  const draw = (at: Point) => {
    if (!drawing || !size) return;
    const form = formOf[drawing.kind];
    const isNear = (spot: Spot | undefined) => spot && far(at, placeOf(spot, size)) < closePx;
    if (isNear(drawing.spots.at(-1)) || (form === "polygon" && isNear(drawing.spots[0])))
      return isDrawn(drawing.spots, drawing.kind) && onDrawn(drawing.kind, [...drawing.spots]);
    const next = [...drawing.spots, spotAt(at, size)];
    // A line from here to there is what most want; further corners are added to it afterwards.
    if ((form === "line" && isDrawn(next, drawing.kind)) || next.length === most[form])
      return onDrawn(drawing.kind, next);
    onDraw(next);
  };

  const onDown = (e: PointerEvent) => {
    if (e.button !== 0 || !size || drag) return;
    const at = pointOf(e);
    svg.current!.setPointerCapture(e.pointerId);
    down.current = at;
    if (drawing) {
      if (drawing.spots.length === 0) draw(at);
      return;
    }
    const { shape: id, point, middle } = (e.target as Element).closest<SVGElement>("[data-shape]")?.dataset ?? {};
    const shape = shapes.find((s) => s.id === id);
    if (!shape) return onSelect(null);
    onSelect(shape.id);
    if (disabled) return;
    const spots = shape.spots;
    if (point !== undefined) setDrag({ kind: "point", shape, index: Number(point), spots });
    else if (middle !== undefined) {
      const index = Number(middle);
      setDrag({ kind: "point", shape, index: index + 1, spots: withSpotAdded(spots, index, spotAt(at, size)) });
    } else setDrag({ kind: "shape", shape, from: spotAt(at, size), spots });
  };
  const dragged = (now: Drag, at: Point): Spot[] => {
    const to = spotAt(at, size!);
    if (now.kind === "point") return withSpotMoved(now.spots, now.index, to);
    return moved(now.shape.spots, [to[0] - now.from[0], to[1] - now.from[1]]);
  };
  const onMove = (e: PointerEvent) => {
    if (!size) return;
    const at = pointOf(e);
    if (drawing) setHover(spotAt(at, size));
    else if (drag) setDrag({ ...drag, spots: dragged(drag, at) });
  };
  const onUp = (e: PointerEvent) => {
    const from = down.current;
    down.current = null;
    if (!from || !size) return;
    const at = pointOf(e);
    // The first corner is where it went down; a drag brings the second.
    if (drawing) draw(at);
    else if (drag) {
      if (drag.spots.length !== drag.shape.spots.length || far(from, at) > 2)
        onSpots(drag.shape, dragged(drag, at), null);
      setDrag(null);
    }
  };
  const onCancel = () => {
    down.current = null;
    setDrag(null);
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.key === "Enter" && drawing && isDrawn(drawing.spots, drawing.kind)) onDrawn(drawing.kind, [...drawing.spots]);
    else if (e.key === "Backspace" && drawing) onDraw(drawing.spots.slice(0, -1));
    else return;
    e.preventDefault();
    e.stopPropagation();
  };

  const shown = shapes.map((s) => (drag && s.id === drag.shape.id ? { ...s, spots: drag.spots } : s));
  // What is selected lies above what it may lie under.
  const ordered = shown.toSorted((a, b) => Number(a.id === selectedId) - Number(b.id === selectedId));
  return (
    <svg
      ref={svg}
      role="group"
      aria-label={words.shapes}
      data-drawing={drawing?.kind}
      className={cn(
        "absolute inset-0 size-full touch-none overflow-visible select-none",
        drawing && "cursor-crosshair",
      )}
      viewBox={size ? `0 0 ${size.width} ${size.height}` : undefined}
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={onUp}
      onPointerCancel={onCancel}
      onPointerLeave={() => setHover(null)}
      onKeyDown={onKey}
    >
      {size && (
        <>
          <defs>
            <pattern id="masked" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="8" height="8" className="fill-black/35" />
              <line y2="8" className="stroke-mask/60" strokeWidth="3" />
            </pattern>
          </defs>
          {ordered.map((shape) => (
            <ShapeView
              key={shape.id}
              shape={shape}
              picture={size}
              selected={shape.id === selectedId}
              passive={drawing !== null}
              disabled={disabled}
              onSelect={() => onSelect(shape.id)}
              onSpots={(spots, what) => onSpots(shape, spots, what)}
              onRemove={() => onRemove(shape)}
            />
          ))}
          {drawing && <Sketch {...drawing} hover={hover} picture={size} />}
          {leastHeight !== null && <LeastObject height={leastHeight} picture={size} />}
        </>
      )}
    </svg>
  );
}

const kindStroke: Record<Kind, string> = { zone: "stroke-zone", line: "stroke-crossing", mask: "stroke-mask" };

/** What is being drawn, up to the pointer. */
function Sketch({
  kind,
  spots,
  hover,
  picture,
}: {
  kind: Kind;
  spots: readonly Spot[];
  hover: Spot | null;
  picture: Size;
}) {
  const all = hover ? [...spots, hover] : spots;
  return (
    <g className="pointer-events-none">
      <polyline
        points={all.map(([x, y]) => `${x * picture.width},${y * picture.height}`).join(" ")}
        className={cn("fill-black/20", kindStroke[kind])}
        strokeWidth={2}
        strokeDasharray="6 4"
      />
      {spots.map(([x, y], i) => (
        <circle
          key={i}
          cx={x * picture.width}
          cy={y * picture.height}
          r={i === 0 ? 7 : 5}
          className={cn("fill-white", kindStroke[kind])}
          strokeWidth={2}
        />
      ))}
    </g>
  );
}

/** As high as an object has to be, at least; as wide as somebody who stands. */
function LeastObject({ height, picture }: { height: number; picture: Size }) {
  const high = height * picture.height;
  const wide = high * 0.4;
  return (
    <g className="pointer-events-none">
      <rect
        x={(picture.width - wide) / 2}
        y={(picture.height - high) / 2}
        width={wide}
        height={high}
        className="stroke-person fill-black/30"
        strokeWidth={2}
        strokeDasharray="5 3"
      />
    </g>
  );
}
