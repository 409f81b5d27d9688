import { useEffect, useRef, useState } from "react";
import { number } from "@/i18n/formats";
import { roundTop, stacked, sumsOf } from "./counting";
import { words } from "./words";

export interface ChartSeries {
  key: string;
  name: string;
  counts: readonly number[];
}

/** Colours of the theme that stand apart; further series share the last one. */
const fills = ["fill-chart-1", "fill-chart-2", "fill-chart-3", "fill-chart-4", "fill-chart-5", "fill-chart-6"];
const dots = ["bg-chart-1", "bg-chart-2", "bg-chart-3", "bg-chart-4", "bg-chart-5", "bg-chart-6"];

export const dotOf = (i: number): string => dots[Math.min(i, dots.length - 1)]!;

/** CSS pixels between two labels. */
const labelPixels = 76;

/** Columns over time, one for each period, parted by series. The table below it says the same in numbers. */
export function CountChart({
  label,
  starts,
  series,
  nameOf,
}: {
  label: string;
  starts: readonly string[];
  series: readonly ChartSeries[];
  /** Of a period. */
  nameOf: (start: number) => string;
}) {
  const plot = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [pointed, setPointed] = useState<number | null>(null);
  useEffect(() => {
    const element = plot.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);
  const sums = sumsOf(series, starts.length);
  const top = roundTop(Math.max(0, ...sums));
  const columns = stacked(series, starts.length, top);
  const step = Math.max(1, Math.ceil(labelPixels / Math.max(1, width / starts.length)));
  const place = (i: number) => `${((i + 0.5) / starts.length) * 100}%`;

  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-2" role="img" aria-label={label}>
      <div className="text-faint tabular flex h-56 flex-col justify-between text-right text-[11px]">
        {[top, top / 2, 0].map((n) => (
          <span key={n} className="-my-2">
            {number(n)}
          </span>
        ))}
      </div>
      <div
        ref={plot}
        className="relative h-56"
        onPointerMove={(e) => {
          const box = e.currentTarget.getBoundingClientRect();
          const at = Math.floor(((e.clientX - box.left) / box.width) * starts.length);
          setPointed(at >= 0 && at < starts.length ? at : null);
        }}
        onPointerLeave={() => setPointed(null)}
      >
        {[0, 50, 100].map((y) => (
          <div key={y} className="border-line absolute inset-x-0 border-t" style={{ top: `${y}%` }} />
        ))}
        <svg
          aria-hidden
          className="absolute inset-0 size-full"
          preserveAspectRatio="none"
          viewBox={`0 0 ${starts.length} 100`}
        >
          {columns.map((parts, i) =>
            parts.map(
              ({ from, to }, s) =>
                to > from && (
                  <rect
                    key={series[s]!.key}
                    x={i + 0.1}
                    width={0.8}
                    y={100 - to * 100}
                    height={(to - from) * 100}
                    className={fills[Math.min(s, fills.length - 1)]}
                    opacity={pointed === null || pointed === i ? 1 : 0.55}
                  />
                ),
            ),
          )}
        </svg>
        {pointed !== null && (
          <div
            className="bg-raised pointer-events-none absolute top-1 z-10 w-max max-w-56 -translate-x-1/2 rounded-md border px-2.5 py-1.5 text-[12px] shadow-xl"
            style={{ left: `clamp(6rem, ${place(pointed)}, calc(100% - 6rem))` }}
          >
            <p className="font-medium">{nameOf(Date.parse(starts[pointed]!))}</p>
            {series.map(
              (s, i) =>
                s.counts[pointed]! > 0 && (
                  <p key={s.key} className="flex items-center gap-1.5">
                    <span className={`size-2 shrink-0 rounded-full ${dotOf(i)}`} />
                    <span className="min-w-0 flex-1 truncate">{s.name}</span>
                    <span className="tabular pl-3">{number(s.counts[pointed]!)}</span>
                  </p>
                ),
            )}
            {sums[pointed] === 0 && <p className="text-soft">{words.none}</p>}
          </div>
        )}
      </div>
      <div />
      <div className="text-faint tabular relative mt-1.5 h-5 overflow-hidden text-[11px]">
        {starts.map(
          (start, i) =>
            i % step === 0 && (
              <span
                key={start}
                className="absolute -translate-x-1/2 whitespace-nowrap"
                style={{ left: `clamp(1.75rem, ${place(i)}, calc(100% - 1.75rem))` }}
              >
                {nameOf(Date.parse(start))}
              </span>
            ),
        )}
      </div>
    </div>
  );
}
