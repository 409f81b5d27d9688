import { ChevronLeft, ChevronRight, Minus, Plus } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { number } from "@/i18n/formats";
import type { Span } from "@/timeline/footage";
import { tickLabel, ticks, toPixel, toTime } from "@/timeline/scale";
import { closer, dragged, moved, wider, type Bar } from "./axis";
import { words } from "./words";

/** CSS pixels between two labels. */
const labelPixels = 92;
const narrowest = 1;

/** When there was how much: drag over a part to look at that alone; a click on a bar is that bar. */
export function TimeAxis({
  whole,
  narrow,
  bars,
  chosenAt,
  found,
  onNarrow,
}: {
  whole: Span;
  /** Null: all of it. */
  narrow: Span | null;
  bars: readonly Bar[];
  /** Of what is looked at. */
  chosenAt: number | null;
  /** How much there is, in words. */
  found: ReactNode;
  onNarrow: (narrow: Span | null) => void;
}) {
  const shown = narrow ?? whole;
  return (
    <section aria-label={words.timeAxis} className="bg-panel rounded-lg border px-3 pt-2 pb-1">
      <div className="flex flex-wrap items-center justify-between gap-x-3">
        <p className="text-soft tabular min-w-0 text-[13px]">
          {found} · {dayAndClock(shown.from)} – {dayAndClock(shown.to)}
        </p>
        <div className="ml-auto flex items-center">
          {narrow && (
            <>
              <Button variant="ghost" size="sm" className="max-md:h-11" onClick={() => onNarrow(null)}>
                {words.wholeTime}
              </Button>
              <Tool label={words.earlier} onClick={() => onNarrow(moved(narrow, whole, -1))}>
                <ChevronLeft />
              </Tool>
              <Tool label={words.later} onClick={() => onNarrow(moved(narrow, whole, 1))}>
                <ChevronRight />
              </Tool>
              <Tool label={words.wider} onClick={() => onNarrow(wider(narrow, whole))}>
                <Minus />
              </Tool>
            </>
          )}
          <Tool label={words.closer} onClick={() => onNarrow(closer(shown, chosenAt))}>
            <Plus />
          </Tool>
        </div>
      </div>
      <Plot whole={whole} narrow={narrow} bars={bars} chosenAt={chosenAt} onNarrow={onNarrow} />
    </section>
  );
}

function Tool({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <Button variant="ghost" size="icon" className="max-md:size-11" aria-label={label} title={label} onClick={onClick}>
      {children}
    </Button>
  );
}

function Plot({
  whole,
  narrow,
  bars,
  chosenAt,
  onNarrow,
}: {
  whole: Span;
  narrow: Span | null;
  bars: readonly Bar[];
  chosenAt: number | null;
  onNarrow: (narrow: Span | null) => void;
}) {
  const plot = useRef<HTMLDivElement>(null);
  /** What is being dragged over: moved by the pointer, not rendered. */
  const band = useRef<HTMLDivElement>(null);
  const begun = useRef<number | null>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = plot.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);

  const percent = (at: number) => `${toPixel(whole, 100, at)}%`;
  const timeAt = (e: React.PointerEvent) => {
    const box = plot.current!.getBoundingClientRect();
    return toTime(whole, box.width, Math.min(box.width, Math.max(0, e.clientX - box.left)));
  };
  const draw = (part: Span | null) => {
    const { style } = band.current!;
    style.visibility = part ? "visible" : "hidden";
    if (!part) return;
    style.left = percent(part.from);
    style.width = `${toPixel(whole, 100, part.to) - toPixel(whole, 100, part.from)}%`;
  };
  const end = (e: React.PointerEvent) => {
    const from = begun.current;
    if (from === null) return;
    begun.current = null;
    draw(null);
    const at = timeAt(e);
    const bar = bars.find((b) => at >= b.from && at < b.to && b.count > 0);
    const part = dragged(from, at, whole) ?? (bar && { from: bar.from, to: bar.to });
    if (part) onNarrow(part);
  };

  return (
    <div
      ref={plot}
      data-axis
      className="relative mt-1 h-20 cursor-crosshair touch-pan-y select-none max-md:h-16"
      onPointerDown={(e) => {
        if (e.button !== 0) return;
        e.currentTarget.setPointerCapture(e.pointerId);
        begun.current = timeAt(e);
      }}
      onPointerMove={(e) => begun.current !== null && draw(dragged(begun.current, timeAt(e), whole))}
      onPointerUp={end}
      onPointerCancel={() => {
        begun.current = null;
        draw(null);
      }}
    >
      <svg
        aria-hidden
        className="absolute inset-x-0 top-0 h-[calc(100%-1.25rem)] w-full"
        preserveAspectRatio="none"
        viewBox="0 0 100 100"
      >
        {bars.map((bar) => {
          const left = toPixel(whole, 100, bar.from);
          const inside = !narrow || (bar.to > narrow.from && bar.from < narrow.to);
          return (
            bar.count > 0 && (
              <rect
                key={bar.from}
                x={left}
                y={100 - Math.max(4, bar.height * 100)}
                width={Math.max((narrowest / Math.max(1, width)) * 100, (toPixel(whole, 100, bar.to) - left) * 0.86)}
                height={Math.max(4, bar.height * 100)}
                className={inside ? "fill-accent" : "fill-faint/50"}
              >
                <title>{words.countIn(number(bar.count), dayAndClock(bar.from))}</title>
              </rect>
            )
          );
        })}
      </svg>
      <div className="border-line pointer-events-none absolute inset-x-0 bottom-5 border-t" />
      {narrow && (
        <div
          className="bg-accent/15 border-accent pointer-events-none absolute top-0 bottom-5 border-x"
          style={{
            left: percent(Math.max(whole.from, narrow.from)),
            right: `${100 - toPixel(whole, 100, Math.min(whole.to, narrow.to))}%`,
          }}
        />
      )}
      <div ref={band} className="bg-accent/25 pointer-events-none invisible absolute top-0 bottom-5" />
      {chosenAt !== null && chosenAt >= whole.from && chosenAt <= whole.to && (
        <div
          className="bg-text pointer-events-none absolute top-0 bottom-5 w-0.5"
          style={{ left: percent(chosenAt) }}
        />
      )}
      {width > 0 &&
        ticks(whole, width, labelPixels).map(({ at, step }) => (
          <span
            key={at}
            className="text-faint tabular pointer-events-none absolute bottom-0 -translate-x-1/2 text-[11px] whitespace-nowrap"
            style={{ left: `clamp(1.5rem, ${percent(at)}, calc(100% - 1.5rem))` }}
          >
            {tickLabel(at, step)}
          </span>
        ))}
    </div>
  );
}
