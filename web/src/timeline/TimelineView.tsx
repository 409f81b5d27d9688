import { useEffect, useRef, useState } from "react";
import type { Timeline } from "@/api/types";
import { clock, dayAndClock, duration } from "@/components/time";
import { drawTimeline, gapAt, type TimelineScene } from "./drawTimeline";
import { gapWords } from "./gapWords";
import { centreOn, pan, spanOf, toPixel, toTime, zoom, type View } from "./scale";

/** Movement that makes a press a drag. */
const dragPixels = 4;

/**
 * The one timeline of the product, on a canvas: wheel or pinch zooms, drag pans, click seeks, Shift-drag selects a range.
 * The cursor's time is read every animation frame, so a playing video moves it without React.
 */
export function TimelineView({
  view,
  onView,
  timeline,
  cursorAt,
  onSeek,
  range,
  onRange,
}: {
  view: View;
  onView: (view: View) => void;
  timeline: Timeline | undefined;
  cursorAt: () => number;
  onSeek: (at: number) => void;
  range: { from: number; to: number } | null;
  onRange: (range: { from: number; to: number } | null) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hover, setHover] = useState<{ x: number; at: number; width: number } | null>(null);
  const state = useRef({ view, timeline, range });
  const pointers = useRef(new Map<number, number>());
  const drag = useRef<{ startX: number; view: View; moved: boolean; selectFrom: number | null; pinch: number } | null>(
    null,
  );

  useEffect(() => {
    state.current = { view, timeline, range };
  }, [view, timeline, range]);

  useEffect(() => {
    let frame = 0;
    const draw = () => {
      frame = requestAnimationFrame(draw);
      if (!canvas.current) return;
      const scene: TimelineScene = { ...state.current, cursor: cursorAt(), now: Date.now() };
      drawTimeline(canvas.current, scene);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [cursorAt]);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    // Not passive: the page must not scroll while the timeline zooms.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const current = state.current.view;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY))
        onView(pan(current, (event.deltaX / element.clientWidth) * spanOf(current)));
      else onView(zoom(current, Math.exp(event.deltaY * 0.0015), toTime(current, element.clientWidth, event.offsetX)));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [onView]);

  const width = () => canvas.current?.clientWidth ?? 1;
  const gap = hover && gapAt(timeline, view, hover.width, hover.x);

  return (
    <div className="relative select-none">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="slider"
        aria-label="Timeline"
        aria-valuetext={dayAndClock(Math.round(view.from + spanOf(view) / 2))}
        aria-valuenow={Math.round(view.from + spanOf(view) / 2)}
        className="block h-24 w-full touch-none"
        onKeyDown={(event) => {
          const step = spanOf(view) / 20;
          if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
            event.preventDefault();
            const at = cursorAt() + (event.key === "ArrowLeft" ? -step : step);
            onSeek(at);
            onView(centreOn(view, at));
          }
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          pointers.current.set(event.pointerId, event.nativeEvent.offsetX);
          const xs = [...pointers.current.values()];
          drag.current = {
            startX: event.nativeEvent.offsetX,
            view,
            moved: xs.length > 1,
            selectFrom: event.shiftKey ? toTime(view, width(), event.nativeEvent.offsetX) : null,
            pinch: xs.length > 1 ? Math.abs(xs[0]! - xs[1]!) : 0,
          };
        }}
        onPointerMove={(event) => {
          const x = event.nativeEvent.offsetX;
          setHover({ x, at: toTime(view, width(), x), width: width() });
          const start = drag.current;
          if (!start) return;
          pointers.current.set(event.pointerId, x);
          const xs = [...pointers.current.values()];
          if (start.pinch > 0 && xs.length > 1) {
            const middle = (xs[0]! + xs[1]!) / 2;
            onView(
              zoom(
                start.view,
                start.pinch / Math.max(8, Math.abs(xs[0]! - xs[1]!)),
                toTime(start.view, width(), middle),
              ),
            );
            return;
          }
          if (Math.abs(x - start.startX) > dragPixels) start.moved = true;
          if (!start.moved) return;
          if (start.selectFrom !== null) {
            const at = toTime(view, width(), x);
            onRange({ from: Math.min(start.selectFrom, at), to: Math.max(start.selectFrom, at) });
          } else {
            onView(pan(start.view, (-(x - start.startX) / width()) * spanOf(start.view)));
          }
        }}
        onPointerUp={(event) => {
          pointers.current.delete(event.pointerId);
          if (drag.current && !drag.current.moved) onSeek(toTime(view, width(), event.nativeEvent.offsetX));
          drag.current = null;
        }}
        onPointerCancel={(event) => {
          pointers.current.delete(event.pointerId);
          drag.current = null;
        }}
        onPointerLeave={() => setHover(null)}
      />
      {hover && (
        <div
          className="tabular bg-raised pointer-events-none absolute -top-9 z-10 -translate-x-1/2 rounded-md border px-2 py-1 text-[12px] whitespace-nowrap shadow-xl"
          style={{ left: Math.min(Math.max(toPixel(view, hover.width, hover.at), 90), hover.width - 90) }}
        >
          {clock(hover.at)}
          {gap && (
            <span className="text-alarm">
              {" "}
              · {gapWords(gap.cause)}, {duration(Date.parse(gap.to) - Date.parse(gap.from))}
            </span>
          )}
        </div>
      )}
    </div>
  );
}
