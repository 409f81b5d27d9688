import { useEffect, useRef, useState } from "react";
import { cn } from "@/components/cn";
import { contained } from "@/picture/contained";
import { drawn, handles, moved, resized, type Handle, type Place, type Region } from "./region";
import { words } from "./words";

const step = 0.02;
const arrows: Record<string, Place> = {
  ArrowLeft: { x: -step, y: 0 },
  ArrowRight: { x: step, y: 0 },
  ArrowUp: { x: 0, y: -step },
  ArrowDown: { x: 0, y: step },
};
const middle: Region = { x: 0.35, y: 0.35, width: 0.3, height: 0.3 };

/** What a finger or the pointer does from where it went down. */
type Drag = { kind: "draw"; from: Place } | { kind: Handle | "move"; from: Place; region: Region };

/** Draws a rectangle over the picture: drag beside it for a new one, on it to move it, at its edges to resize it. */
export function RegionEditor({
  aspect,
  region,
  onChange,
}: {
  /** Width by height of the picture. */
  aspect: number;
  region: Region | null;
  onChange: (region: Region | null) => void;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState<ReturnType<typeof contained> | null>(null);
  const drag = useRef<Drag>(null);
  /** While it is dragged; the page hears of it at the end. */
  const [draft, setDraft] = useState<Region | null>(null);
  const [dragging, setDragging] = useState(false);
  const shown = dragging ? draft : region;

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const sizes = new ResizeObserver(() =>
      setBox(contained({ width: element.clientWidth, height: element.clientHeight }, aspect)),
    );
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [aspect]);

  const placeOf = (e: React.PointerEvent): Place => {
    const at = picture.current!.getBoundingClientRect();
    return { x: (e.clientX - at.left) / at.width, y: (e.clientY - at.top) / at.height };
  };
  const at = (now: Drag, to: Place): Region | null => {
    if (now.kind === "draw") return drawn(now.from, to);
    const by = { x: to.x - now.from.x, y: to.y - now.from.y };
    return now.kind === "move" ? moved(now.region, by) : resized(now.region, now.kind, by);
  };
  const onDown = (e: React.PointerEvent) => {
    if (e.button !== 0 || drag.current) return;
    const kind = (e.target as HTMLElement).dataset["drag"] as Handle | "move" | undefined;
    const from = placeOf(e);
    drag.current = kind && region ? { kind, from, region } : { kind: "draw", from };
    picture.current!.setPointerCapture(e.pointerId);
    setDraft(kind ? region : null);
    setDragging(true);
  };
  const onMove = (e: React.PointerEvent) => drag.current && setDraft(at(drag.current, placeOf(e)));
  const onUp = (e: React.PointerEvent) => {
    if (!drag.current) return;
    const next = at(drag.current, placeOf(e));
    drag.current = null;
    setDragging(false);
    // A click beside the region leaves it as it is.
    if (next) onChange(next);
  };
  const onCancel = () => {
    drag.current = null;
    setDragging(false);
  };
  const onKey = (e: React.KeyboardEvent) => {
    const by = arrows[e.key];
    if (by && region) onChange(e.shiftKey ? resized(region, "se", by) : moved(region, by));
    else if (e.key === "Enter" && !region) onChange(middle);
    else if ((e.key === "Delete" || e.key === "Backspace") && region) onChange(null);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };

  /* eslint-disable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex -- an application takes keys and the pointer */
  return (
    <div ref={frame} className="pointer-events-none absolute inset-0 overflow-hidden">
      {box && (
        <div
          ref={picture}
          data-own-gestures
          role="application"
          tabIndex={0}
          aria-label={words.region}
          className="pointer-events-auto absolute cursor-crosshair touch-none overflow-hidden -outline-offset-2"
          style={box}
          onPointerDown={onDown}
          onPointerMove={onMove}
          onPointerUp={onUp}
          onPointerCancel={onCancel}
          onKeyDown={onKey}
        >
          {shown ? (
            <Rectangle region={shown} dims={dragging} />
          ) : (
            !dragging && (
              <p className="pointer-events-none absolute inset-x-0 bottom-3 text-center">
                <span className="rounded-md bg-black/75 px-3 py-1.5 text-[13px] text-white">{words.dragOver}</span>
              </p>
            )
          )}
        </div>
      )}
    </div>
  );
  /* eslint-enable */
}

const handlePlaces: Record<Handle, string> = {
  nw: "left-0 top-0 cursor-nwse-resize",
  n: "left-1/2 top-0 cursor-ns-resize",
  ne: "left-full top-0 cursor-nesw-resize",
  e: "left-full top-1/2 cursor-ew-resize",
  se: "left-full top-full cursor-nwse-resize",
  s: "left-1/2 top-full cursor-ns-resize",
  sw: "left-0 top-full cursor-nesw-resize",
  w: "left-0 top-1/2 cursor-ew-resize",
};

function Rectangle({ region, dims }: { region: Region; dims: boolean }) {
  const percent = (part: number) => `${part * 100}%`;
  return (
    <div
      data-drag="move"
      data-region
      className={cn(
        "border-accent absolute cursor-move border-2 transition-shadow duration-150",
        dims ? "shadow-[0_0_0_9999px_rgba(0,0,0,0.5)]" : "shadow-[0_0_0_9999px_rgba(0,0,0,0.18)]",
      )}
      style={{
        left: percent(region.x),
        top: percent(region.y),
        width: percent(region.width),
        height: percent(region.height),
      }}
    >
      {handles.map((handle) => (
        <span
          key={handle}
          data-drag={handle}
          className={cn(
            "absolute grid size-6 -translate-1/2 place-items-center pointer-coarse:size-11",
            handle.length === 1 && "pointer-coarse:hidden",
            handlePlaces[handle],
          )}
        >
          <span className="border-accent pointer-events-none size-2.5 rounded-[2px] border-2 bg-white" />
        </span>
      ))}
    </div>
  );
}
