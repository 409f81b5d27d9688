import { useEffect, type RefObject } from "react";
import type { Cell } from "./cell";
import type { Span } from "./footage";
import { pan, spanOf, toPixel, toTime, zoom, type View } from "./scale";

/** Movement that makes a press a drag. */
const dragPixels = 4;
/** How near a press takes hold of the cursor or of an end of the range; a finger is broader. */
const grabPixels = { mouse: 7, touch: 18 };

type Drag =
  | { kind: "pan"; startX: number; view: View; moved: boolean }
  | { kind: "pinch"; view: View; apart: number }
  | { kind: "select"; anchor: number; startX: number; moved: boolean }
  /** One end of the range follows, the other stays. */
  | { kind: "end"; fixed: number }
  | { kind: "scrub" };

/** In the canvas, CSS pixels. */
export interface Place {
  x: number;
  y: number;
}

export interface TimelineGestures {
  view: Cell<View>;
  range: Cell<Span | null>;
  cursorAt: () => number;
  onSeek: (at: number) => void;
  /** The cursor is being dragged: as many times a second as the pointer moves. */
  onScrub: (at: number) => void;
  onHover: (place: Place | null) => void;
}

/** Wheel or pinch zooms, drag pans, click seeks; Shift-drag selects, the ends of the range and the cursor can be dragged. */
export function useTimelineGestures(canvas: RefObject<HTMLCanvasElement | null>, latest: RefObject<TimelineGestures>) {
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const pointers = new Map<number, number>();
    let drag: Drag | null = null;

    const width = () => element.clientWidth || 1;
    const timeAt = (x: number) => toTime(latest.current.view.value, width(), x);

    const grabbed = (x: number, kind: string): Drag | null => {
      const { view, range, cursorAt } = latest.current;
      const reach = kind === "touch" ? grabPixels.touch : grabPixels.mouse;
      const near = (at: number) => Math.abs(toPixel(view.value, width(), at) - x) <= reach;
      const chosen = range.value;
      if (chosen && near(chosen.from)) return { kind: "end", fixed: chosen.to };
      if (chosen && near(chosen.to)) return { kind: "end", fixed: chosen.from };
      return near(cursorAt()) ? { kind: "scrub" } : null;
    };

    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { view } = latest.current;
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) {
        const by = (event.deltaX || event.deltaY) * lines;
        view.set(pan(view.value, (by / width()) * spanOf(view.value)));
      } else view.set(zoom(view.value, Math.exp(event.deltaY * lines * 0.0022), timeAt(event.offsetX)));
    };

    const onDown = (event: PointerEvent) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      const x = event.offsetX;
      pointers.set(event.pointerId, x);
      const view = latest.current.view.value;
      const [a, b] = [...pointers.values()];
      if (b !== undefined) drag = { kind: "pinch", view, apart: Math.max(8, Math.abs(a! - b)) };
      else if (event.shiftKey) drag = { kind: "select", anchor: timeAt(x), startX: x, moved: false };
      else drag = grabbed(x, event.pointerType) ?? { kind: "pan", startX: x, view, moved: false };
    };

    const onMove = (event: PointerEvent) => {
      const x = event.offsetX;
      const { view, range, onScrub, onHover } = latest.current;
      onHover(
        event.pointerType === "touch" && drag?.kind !== "scrub" && drag?.kind !== "end"
          ? null
          : { x, y: event.offsetY },
      );
      if (!drag) {
        const hand = event.shiftKey ? "crosshair" : grabbed(x, event.pointerType) ? "ew-resize" : "default";
        element.style.cursor = hand;
        return;
      }
      pointers.set(event.pointerId, x);
      switch (drag.kind) {
        case "pinch": {
          const [a, b] = [...pointers.values()];
          if (b === undefined) return;
          const anchor = toTime(drag.view, width(), (a! + b) / 2);
          view.set(zoom(drag.view, drag.apart / Math.max(8, Math.abs(a! - b)), anchor));
          return;
        }
        case "pan":
          drag.moved ||= Math.abs(x - drag.startX) > dragPixels;
          if (drag.moved) view.set(pan(drag.view, (-(x - drag.startX) / width()) * spanOf(drag.view)));
          return;
        case "select":
          drag.moved ||= Math.abs(x - drag.startX) > dragPixels;
          if (drag.moved) range.set(ordered(drag.anchor, timeAt(x)));
          return;
        case "end":
          range.set(ordered(drag.fixed, timeAt(x)));
          return;
        case "scrub":
          onScrub(timeAt(x));
      }
    };

    const onUp = (event: PointerEvent) => {
      pointers.delete(event.pointerId);
      if (drag?.kind === "scrub" || (drag?.kind === "pan" && !drag.moved)) latest.current.onSeek(timeAt(event.offsetX));
      drag = null;
      if (event.pointerType === "touch") latest.current.onHover(null);
    };
    const onCancel = (event: PointerEvent) => {
      pointers.delete(event.pointerId);
      drag = null;
    };
    const onLeave = () => latest.current.onHover(null);

    // Not passive: the page must not scroll while the timeline zooms.
    element.addEventListener("wheel", onWheel, { passive: false });
    element.addEventListener("pointerdown", onDown);
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", onUp);
    element.addEventListener("pointercancel", onCancel);
    element.addEventListener("pointerleave", onLeave);
    return () => {
      element.removeEventListener("wheel", onWheel);
      element.removeEventListener("pointerdown", onDown);
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerup", onUp);
      element.removeEventListener("pointercancel", onCancel);
      element.removeEventListener("pointerleave", onLeave);
    };
  }, [canvas, latest]);
}

/** At least half a second, in order. */
export function ordered(a: number, b: number): Span {
  const from = Math.min(a, b);
  return { from, to: Math.max(a, b, from + 500) };
}
