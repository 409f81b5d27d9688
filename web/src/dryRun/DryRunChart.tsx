import { dayName } from "@/components/time";
import { number, timeFormat } from "@/i18n/formats";
import { barsOf, periods, type Bar } from "./histogram";
import { words } from "./words";

const hour = timeFormat({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayMs = 24 * 60 * 60 * 1000;

const width = 300;
const height = 72;

/** When a rule, zone or line would have fired: a bar for each hour, part of a day, or day. */
export function DryRunChart({
  from,
  to,
  hours,
  fired,
}: {
  from: string;
  to: string;
  hours: readonly { at: string; fired: number }[];
  fired: number;
}) {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const days = (end - begin) / dayMs;
  const barHours = (periods.find((p) => days <= p.days + 0.01) ?? periods.at(-1)!).barHours;
  const bars = barsOf(hours, begin, end, barHours);
  const most = bars.reduce((best, bar) => (bar.fired > best.fired ? bar : best), bars[0]!);
  const step = width / bars.length;
  const label = (ms: number) => (barHours === 1 ? hour(ms) : dayName(ms));
  const spanOf = (bar: Bar) =>
    barHours === 24 ? dayName(bar.from) : `${dayName(bar.from)}, ${hour(bar.from)}–${hour(bar.to)}`;
  return (
    <figure>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.chart(number(fired), spanOf(most), number(most.fired))}
        className="block h-18 w-full"
      >
        <line x1="0" y1={height - 0.5} x2={width} y2={height - 0.5} className="stroke-line" />
        {bars.map((bar, i) => {
          const tall = bar.fired === 0 ? 0 : Math.max(2, (bar.fired / most.fired) * (height - 4));
          return (
            <g key={bar.from}>
              <title>{words.bar(spanOf(bar), number(bar.fired))}</title>
              {/* The whole height answers to the mouse. */}
              <rect x={i * step} y={0} width={step} height={height} fill="transparent" />
              <rect
                x={i * step + step * 0.1}
                y={height - tall}
                width={step * 0.8}
                height={tall}
                className="fill-accent-strong"
              />
            </g>
          );
        })}
      </svg>
      <figcaption className="text-faint tabular mt-1 flex justify-between text-[11px]">
        <span>{label(bars[0]!.from)}</span>
        <span>{words.mostAtOnce(number(most.fired))}</span>
        <span>{label(end)}</span>
      </figcaption>
    </figure>
  );
}
