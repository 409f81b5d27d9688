import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { RecordingMode } from "@/api/types";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { modes } from "./modes";
import { presets, type Week } from "./schedule";
import { words } from "./words";

const fills: Record<RecordingMode, string> = {
  continuous: "bg-[#3569b5]",
  motion: "bg-[#3a9a6d]",
  event: "bg-alarm",
  off: "bg-raised",
};

/** A week of hours to paint on: with the mouse, a finger, or arrow keys and space; with shift, the arrows paint. */
export function WeekGrid({ week, onChange }: { week: Week; onChange: (week: Week) => void }) {
  const [brush, setBrush] = useState<RecordingMode>("continuous");
  const [at, setAt] = useState({ day: 0, hour: 0 });
  const painting = useRef(false);
  const grid = useRef<HTMLDivElement>(null);

  // A drag may end anywhere.
  useEffect(() => {
    const end = () => (painting.current = false);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
    return () => {
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
    };
  }, []);

  const paint = (wanted: (day: number, hour: number) => boolean) =>
    onChange(week.map((modes, day) => modes.map((mode, hour) => (wanted(day, hour) ? brush : mode))));
  const paintOne = (day: number, hour: number) =>
    week[day]![hour] !== brush && paint((d, h) => d === day && h === hour);
  const cellAt = (x: number, y: number) => {
    const cell = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-hour]");
    return cell && grid.current?.contains(cell)
      ? { day: Number(cell.dataset["day"]), hour: Number(cell.dataset["hour"]) }
      : null;
  };

  const onKey = (e: KeyboardEvent) => {
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
    };
    const step = steps[e.key];
    if (step) {
      const next = {
        day: Math.min(6, Math.max(0, at.day + step[0])),
        hour: Math.min(23, Math.max(0, at.hour + step[1])),
      };
      setAt(next);
      grid.current?.querySelector<HTMLElement>(`[data-day="${next.day}"][data-hour="${next.hour}"]`)?.focus();
      if (e.shiftKey) paint((d, h) => (d === at.day && h === at.hour) || (d === next.day && h === next.hour));
    } else if (e.key === " " || e.key === "Enter") paintOne(at.day, at.hour);
    else return;
    e.preventDefault();
  };

  return (
    <div className="space-y-3">
      <div role="radiogroup" aria-label={words.paintWith} className="flex flex-wrap gap-1.5">
        {modes.map((mode) => (
          <button
            key={mode}
            type="button"
            role="radio"
            aria-checked={brush === mode}
            onClick={() => setBrush(mode)}
            className={cn(
              "flex h-8 items-center gap-2 rounded-md border px-2.5 text-[13px] max-sm:h-11",
              brush === mode ? "border-accent text-text" : "text-soft hover:text-text",
            )}
          >
            <span className={cn("size-3 rounded-sm border", fills[mode])} aria-hidden />
            {words.modes[mode]}
          </button>
        ))}
      </div>
      <div className="select-none">
        <div className="text-faint tabular mb-1 ml-9 flex justify-between text-[11px]" aria-hidden>
          {[0, 6, 12, 18, 24].map((hour) => (
            <span key={hour}>{hour}</span>
          ))}
        </div>
        <div
          ref={grid}
          role="grid"
          aria-label={words.week}
          tabIndex={-1}
          className="touch-none space-y-px"
          onKeyDown={onKey}
          onPointerMove={(e) => {
            const cell = painting.current ? cellAt(e.clientX, e.clientY) : null;
            if (cell) paintOne(cell.day, cell.hour);
          }}
        >
          {week.map((modesOfDay, day) => (
            <div key={day} role="row" className="flex items-center">
              <button
                type="button"
                role="rowheader"
                tabIndex={-1}
                title={words.paintAllOf(words.dayNames[day]!)}
                aria-label={words.paintAllOf(words.dayNames[day]!)}
                onClick={() => paint((d) => d === day)}
                className="text-soft hover:text-text h-7 w-9 shrink-0 text-left text-[12px]"
              >
                {words.dayNamesShort[day]}
              </button>
              {modesOfDay.map((mode, hour) => (
                <div
                  key={hour}
                  role="gridcell"
                  tabIndex={at.day === day && at.hour === hour ? 0 : -1}
                  data-day={day}
                  data-hour={hour}
                  aria-label={words.cell(words.dayNames[day]!, hour, words.modes[mode])}
                  onFocus={() => setAt({ day, hour })}
                  onPointerDown={(e) => {
                    e.currentTarget.releasePointerCapture(e.pointerId);
                    painting.current = true;
                    paintOne(day, hour);
                  }}
                  className={cn(
                    "border-ground h-7 min-w-0 flex-1 cursor-pointer border-l focus-visible:outline-offset-[-2px]",
                    fills[mode],
                    hour % 6 === 0 && "border-l-2",
                  )}
                />
              ))}
            </div>
          ))}
        </div>
      </div>
      <div role="group" aria-label={words.presets} className="flex flex-wrap gap-1.5">
        {presets.map((preset) => (
          <Button key={preset.name} size="sm" className="max-sm:h-11" onClick={() => onChange(preset.week)}>
            {words.presetNames[preset.name]}
          </Button>
        ))}
      </div>
    </div>
  );
}
