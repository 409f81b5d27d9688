import { useRef, type KeyboardEvent } from "react";
import { cn } from "@/components/cn";
import { number } from "@/i18n/formats";
import type { Size } from "@/picture/zoom";
import { crossingArrow } from "@/tracks/crossingArrow";
import { formOf, type Kind, type Shape } from "./draft";
import {
  faultOf,
  middleOf,
  most,
  moved,
  pointOf,
  stretchesOf,
  withSpotAdded,
  withSpotMoved,
  withSpotRemoved,
  type Spot,
} from "./geometry";
import { words } from "./words";

const step = 0.005;
const longStep = 0.05;
const directions: Record<string, Spot> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const colours: Record<Kind, string> = {
  zone: "stroke-zone fill-zone/15",
  line: "stroke-crossing fill-none",
  mask: "stroke-mask fill-[url(#masked)]",
};
const textColours: Record<Kind, string> = { zone: "fill-zone", line: "fill-crossing", mask: "fill-mask" };

/** How far an arrow key goes; null for other keys. */
function wayOf(e: KeyboardEvent): Spot | null {
  const direction = directions[e.key];
  if (!direction) return null;
  const far = e.shiftKey ? longStep : step;
  return [direction[0] * far, direction[1] * far];
}

/** One shape on the picture; the selected one has its corners to take hold of, and between them those that it could get. */
export function ShapeView({
  shape,
  picture,
  selected,
  passive,
  disabled,
  onSelect,
  onSpots,
  onRemove,
}: {
  shape: Shape;
  picture: Size;
  selected: boolean;
  /** Something else is being drawn. */
  passive: boolean;
  disabled: boolean;
  onSelect: () => void;
  onSpots: (spots: Spot[], what: string | null) => void;
  onRemove: () => void;
}) {
  const group = useRef<SVGGElement>(null);
  const { id, kind, spots } = shape;
  const form = formOf[kind];
  const points = spots.map((s) => pointOf(s, picture));
  const path = points.map(({ x, y }) => `${x},${y}`).join(" ");
  const fault = faultOf(spots, form);
  const name = shape.name ?? words.shapeOf.mask(Number(id.replace(/\D+/, "")));
  const top = points.toSorted((a, b) => a.y - b.y)[0]!;
  const Outline = form === "polygon" ? "polygon" : "polyline";

  const onShapeKey = (e: KeyboardEvent) => {
    const way = wayOf(e);
    if (e.key === "Enter" || e.key === " ") onSelect();
    else if (disabled) return;
    else if (way) onSpots(moved(spots, way), `move ${id}`);
    else if (e.key === "Delete" || e.key === "Backspace") onRemove();
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  const focusPoint = (index: number) =>
    requestAnimationFrame(() => group.current?.querySelector<SVGElement>(`[data-point="${index}"]`)?.focus());
  const onPointKey = (e: KeyboardEvent, index: number) => {
    const [way, at] = [wayOf(e), spots[index]!];
    if (way) onSpots(withSpotMoved(spots, index, [at[0] + way[0], at[1] + way[1]]), `point ${id} ${index}`);
    else if (e.key === "Delete" || e.key === "Backspace") {
      const fewer = withSpotRemoved(spots, index, form);
      if (fewer) onSpots(fewer, null);
      focusPoint(Math.max(0, index - 1));
    } else if ((e.key === "+" || e.key === "Insert") && spots.length < most[form]) {
      const stretch = Math.min(index, stretchesOf(spots, form) - 1);
      onSpots(withSpotAdded(spots, stretch, middleOf(spots, stretch)), null);
      focusPoint(stretch + 1);
    } else return;
    e.preventDefault();
    e.stopPropagation();
  };

  return (
    <g ref={group} className={cn(passive && "pointer-events-none opacity-60")}>
      <g
        data-shape={id}
        role="button"
        tabIndex={0}
        aria-pressed={selected}
        aria-label={name}
        onKeyDown={onShapeKey}
        className="group/shape cursor-move outline-none"
      >
        {/* A line is thin, and a finger is not. */}
        {form === "line" && <polyline points={path} className="fill-none stroke-transparent" strokeWidth={28} />}
        <Outline points={path} className="fill-none stroke-black/60" strokeWidth={selected ? 5 : 4} />
        <Outline
          points={path}
          className={cn(colours[kind], fault && "stroke-alarm", "group-focus-visible/shape:[stroke-width:4]")}
          strokeWidth={selected ? 3 : 2}
          strokeLinejoin="round"
          strokeDasharray={kind === "mask" ? "7 4" : undefined}
        />
        <text
          x={top.x}
          y={Math.max(14, top.y - 9)}
          className={cn("pointer-events-none text-[12px] font-semibold [paint-order:stroke]", textColours[kind])}
          stroke="rgba(0,0,0,0.75)"
          strokeWidth={3}
        >
          {name}
        </text>
      </g>
      {kind === "line" && <Directions points={points} />}
      {selected && !passive && !disabled && (
        <>
          {spots.length < most[form] &&
            Array.from({ length: stretchesOf(spots, form) }, (_, i) => {
              const { x, y } = pointOf(middleOf(spots, i), picture);
              return (
                <g key={i} data-shape={id} data-middle={i} className="cursor-copy">
                  <circle cx={x} cy={y} r={12} className="fill-transparent" />
                  <circle cx={x} cy={y} r={4} className={cn("fill-black/60", colours[kind])} strokeWidth={1.5} />
                </g>
              );
            })}
          {points.map(({ x, y }, i) => (
            <g
              key={i}
              data-shape={id}
              data-point={i}
              role="button"
              tabIndex={0}
              aria-label={words.corner(
                i + 1,
                spots.length,
                number(100 * spots[i]![0], 1),
                number(100 * spots[i]![1], 1),
              )}
              onKeyDown={(e) => onPointKey(e, i)}
              className="group/point cursor-grab outline-none"
            >
              <circle cx={x} cy={y} r={14} className="fill-transparent pointer-coarse:[r:22px]" />
              <circle
                cx={x}
                cy={y}
                r={6}
                className={cn(
                  "group-focus-visible/point:stroke-accent fill-white group-focus-visible/point:[r:9px]",
                  kind === "line" ? "stroke-crossing" : kind === "zone" ? "stroke-zone" : "stroke-mask",
                )}
                strokeWidth={3}
              />
            </g>
          ))}
        </>
      )}
    </g>
  );
}

const arrowPx = 52;

/** Which way over the line is in, and which is out. */
function Directions({ points }: { points: readonly { x: number; y: number }[] }) {
  const arrow = crossingArrow(points, arrowPx);
  if (!arrow) return null;
  const { from, to } = arrow;
  const angle = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
  const beyond = (part: number) => ({
    x: (from.x + to.x) / 2 + part * (to.x - from.x),
    y: (from.y + to.y) / 2 + part * (to.y - from.y),
  });
  const label = "fill-crossing text-[11px] font-semibold [paint-order:stroke]";
  return (
    <g className="pointer-events-none" strokeWidth={3} stroke="rgba(0,0,0,0.75)">
      <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} className="stroke-crossing" strokeWidth={2} />
      <path
        d="M-8,-5 L0,0 L-8,5"
        className="stroke-crossing fill-none"
        strokeWidth={2}
        transform={`translate(${to.x} ${to.y}) rotate(${angle})`}
      />
      <text {...beyond(0.82)} textAnchor="middle" dominantBaseline="central" className={label}>
        {words.in}
      </text>
      <text {...beyond(-0.82)} textAnchor="middle" dominantBaseline="central" className={label}>
        {words.out}
      </text>
    </g>
  );
}
