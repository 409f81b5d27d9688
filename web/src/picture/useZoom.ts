import { useEffect, useRef, useState, type RefObject } from "react";
import { moved, whole, zoomAt, zoomTo, type Point, type Size, type Zoom } from "./zoom";

/** A rectangle that is being drawn, in the tile's CSS pixels. */
export interface Drawn {
  from: Point;
  to: Point;
}

const wheelStep = 1.0015;

/**
 * Digital zoom of a tile: wheel and pinch around the pointer, drag to move, Shift and drag (or the right button) to draw what shall fill the tile.
 */
export function useZoom(tile: RefObject<HTMLElement | null>) {
  const [zoom, setZoom] = useState<Zoom>(whole);
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const magnified = useRef(false);
  useEffect(() => {
    magnified.current = zoom.scale > 1;
  });
  const reset = () => setZoom(whole);
  /** Around the middle: for keys. */
  const by = (factor: number) => {
    const element = tile.current;
    if (!element) return;
    const size = { width: element.clientWidth, height: element.clientHeight };
    setZoom((z) => zoomAt(z, factor, { x: size.width / 2, y: size.height / 2 }, size));
  };

  useEffect(() => {
    const element = tile.current;
    if (!element) return;
    const pointers = new Map<number, Point>();
    let drawing: Drawn | null = null;

    const size = (): Size => ({ width: element.clientWidth, height: element.clientHeight });
    const place = (e: { clientX: number; clientY: number }): Point => {
      const box = element.getBoundingClientRect();
      return { x: e.clientX - box.left, y: e.clientY - box.top };
    };
    const draw = (next: Drawn | null) => {
      drawing = next;
      setDrawn(next);
    };

    const onWheel = (e: WheelEvent) => {
      // At its smallest the wheel belongs to the page, which may scroll.
      if (!magnified.current && e.deltaY > 0) return;
      e.preventDefault();
      const pixels = e.deltaMode === WheelEvent.DOM_DELTA_LINE ? e.deltaY * 16 : e.deltaY;
      const at = place(e);
      setZoom((z) => zoomAt(z, wheelStep ** -pixels, at, size()));
    };
    const onDown = (e: PointerEvent) => {
      if ((e.target as Element).closest("button, input, [data-own-gestures]")) return;
      const at = place(e);
      if (e.button === 2 || (e.button === 0 && e.shiftKey)) {
        element.setPointerCapture(e.pointerId);
        draw({ from: at, to: at });
        return;
      }
      if (e.button !== 0) return;
      pointers.set(e.pointerId, at);
      if (magnified.current || pointers.size > 1) element.setPointerCapture(e.pointerId);
    };
    const onMove = (e: PointerEvent) => {
      const at = place(e);
      if (drawing) return draw({ from: drawing.from, to: at });
      const before = pointers.get(e.pointerId);
      if (!before) return;
      const other = [...pointers].find(([id]) => id !== e.pointerId)?.[1];
      pointers.set(e.pointerId, at);
      if (other) {
        const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 };
        const factor = distance(at, other) / Math.max(1, distance(before, other));
        const by = { x: (at.x - before.x) / 2, y: (at.y - before.y) / 2 };
        setZoom((z) => moved(zoomAt(z, factor, middle, size()), by, size()));
      } else if (magnified.current) {
        setZoom((z) => moved(z, { x: at.x - before.x, y: at.y - before.y }, size()));
      }
    };
    const onUp = (e: PointerEvent) => {
      pointers.delete(e.pointerId);
      if (!drawing) return;
      const { from } = drawing;
      const to = place(e);
      setZoom((z) => zoomTo(z, from, to, size()));
      draw(null);
    };
    const onCancel = (e: PointerEvent) => {
      pointers.delete(e.pointerId);
      draw(null);
    };
    const onMenu = (e: Event) => e.preventDefault();

    element.addEventListener("wheel", onWheel, { passive: false });
    element.addEventListener("pointerdown", onDown);
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", onUp);
    element.addEventListener("pointercancel", onCancel);
    element.addEventListener("contextmenu", onMenu);
    // Another size has other edges.
    const sizes = new ResizeObserver(() => setZoom(whole));
    sizes.observe(element);
    return () => {
      element.removeEventListener("wheel", onWheel);
      element.removeEventListener("pointerdown", onDown);
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerup", onUp);
      element.removeEventListener("pointercancel", onCancel);
      element.removeEventListener("contextmenu", onMenu);
      sizes.disconnect();
    };
  }, [tile]);

  return { ...zoom, drawn, by, reset };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
