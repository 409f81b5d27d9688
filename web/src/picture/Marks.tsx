import type { ComponentProps } from "react";
import type { Point, Shape } from "./marks";

/** Over a picture, in parts of its width and height: the box of an object, the way it went, and the line or zone that it is about. */
export function Marks({
  box,
  track,
  shape,
}: {
  /** Left, top, width and height. */
  box: readonly number[] | null;
  track: readonly Point[] | null;
  shape: Shape | null;
}) {
  const end = track?.at(-1);
  return (
    <svg aria-hidden viewBox="0 0 1 1" preserveAspectRatio="none" className="absolute inset-0 size-full">
      {shape && (
        <path
          d={pathOf(shape.points, shape.closed)}
          vectorEffect="non-scaling-stroke"
          className="stroke-warn fill-warn/15 [stroke-width:2] [stroke-dasharray:6_4]"
          fillOpacity={shape.closed ? 1 : 0}
        />
      )}
      {track && <Outlined d={pathOf(track, false)} data-way className="stroke-accent" />}
      {end && (
        // A dot of this size whatever the picture's: a line of no length with round ends.
        <path
          d={`M${end[0]} ${end[1]}h0`}
          vectorEffect="non-scaling-stroke"
          className="stroke-accent fill-none [stroke-width:9] [stroke-linecap:round]"
        />
      )}
      {box?.length === 4 && (
        <Outlined d={`M${box[0]} ${box[1]}h${box[2]}v${box[3]}h${-box[2]!}z`} className="stroke-good" />
      )}
    </svg>
  );
}

/** Seen on bright and on dark. */
function Outlined({ d, className, ...props }: ComponentProps<"path"> & { d: string }) {
  return (
    <>
      <path d={d} vectorEffect="non-scaling-stroke" className="fill-none stroke-black/60 [stroke-width:4.5]" />
      <path d={d} vectorEffect="non-scaling-stroke" className={`${className} fill-none [stroke-width:2]`} {...props} />
    </>
  );
}

const pathOf = (points: readonly Point[], closed: boolean): string =>
  points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x} ${y}`).join("") + (closed ? "z" : "");
