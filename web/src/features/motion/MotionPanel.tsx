import { ScanSearch, Search, Square, X } from "lucide-react";
import { useState } from "react";
import type { Camera } from "@/api/types";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { SelectField } from "@/components/ui/Field";
import type { Cell } from "@/timeline/cell";
import { useCell } from "@/timeline/cell";
import type { Span } from "@/timeline/footage";
import { day, hour, type View } from "@/timeline/scale";
import { MotionProgress } from "./MotionProgress";
import { MotionResults } from "./MotionResults";
import type { MotionHit } from "./searchState";
import type { Motion } from "./useMotion";
import { longestSearch, sensitivities } from "./wish";
import { words } from "./words";

const lengths = { "1": hour, "6": 6 * hour, "24": day, "168": 7 * day };
type Choice = keyof typeof lengths | "timeline" | "range";

/** Beside the picture: where, when and how much, then what was found. */
export function MotionPanel({
  camera,
  motion,
  view,
  range,
  chosen,
  onGo,
}: {
  camera: Camera;
  motion: Motion;
  view: Cell<View>;
  range: Cell<Span | null>;
  /** The hit that is looked at. */
  chosen: MotionHit | null;
  onGo: (hit: MotionHit) => void;
}) {
  const hasRange = useCell(range, (r) => r !== null);
  const [choice, setChoice] = useState<Choice>(hasRange ? "range" : "timeline");
  const when = choice === "range" && !hasRange ? "timeline" : choice;
  const [tooLong, setTooLong] = useState(false);
  const { search } = motion;
  const isRunning = search?.phase === "running";
  const sensitivity = words.sensitivities[motion.sensitivity];
  /** On a phone what is found needs the room. */
  const [unfolded, setUnfolded] = useState(false);
  const folded = search !== null && !unfolded;

  const start = () => {
    const span = spanOf(when, view.value, range.value);
    const isTooLong = span.to - span.from > longestSearch;
    setTooLong(isTooLong);
    if (isTooLong) return;
    setUnfolded(false);
    motion.start(span);
  };

  return (
    <section
      aria-label={words.motionSearch}
      className="bg-panel flex min-h-0 flex-col border-l max-md:h-[55%] max-md:border-t max-md:border-l-0 md:w-80"
    >
      <header className="flex items-center gap-2 py-1.5 pr-1.5 pl-3">
        <ScanSearch className="text-soft size-4 shrink-0" aria-hidden />
        <h2 className="min-w-0 flex-1 truncate font-medium">
          {words.motion} <span className="text-soft font-normal">{words.inCamera(camera.name)}</span>
        </h2>
        <Button
          variant="ghost"
          size="icon"
          className="max-md:size-11"
          aria-label={words.closeSearch}
          title={words.close}
          onClick={motion.close}
        >
          <X />
        </Button>
      </header>
      {folded && (
        <div className="flex items-center gap-2 pr-1.5 pl-3 md:hidden">
          <span className="text-soft min-w-0 flex-1 truncate text-[13px]">
            {motion.region ? words.inRegion : words.inWhole} · {sensitivity}
          </span>
          {isRunning && (
            <Button variant="ghost" className="h-11 px-3" onClick={motion.stop}>
              {words.stop}
            </Button>
          )}
          <Button variant="ghost" className="h-11 px-3" onClick={() => setUnfolded(true)}>
            {words.change}
          </Button>
        </div>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto">
        <form
          className={cn("space-y-3 px-3 pb-3", folded && "max-md:hidden")}
          onSubmit={(e) => {
            e.preventDefault();
            start();
          }}
        >
          <p className="flex min-h-8 items-center justify-between gap-2 text-[13px] max-md:hidden">
            {motion.region ? (
              <>
                <span className="text-soft">{words.inDrawnRegion}</span>
                <Button size="sm" variant="ghost" className="px-2" onClick={() => motion.setRegion(null)}>
                  {words.remove}
                </Button>
              </>
            ) : (
              <span className="text-soft">{words.drawRegion}</span>
            )}
          </p>
          <div className="gap-3 max-md:grid max-md:grid-cols-2 md:space-y-3">
            <SelectField
              label={words.when}
              value={when}
              error={tooLong ? words.tooLong : undefined}
              onChange={(e) => {
                setChoice(e.target.value as Choice);
                setTooLong(false);
              }}
            >
              {hasRange && <option value="range">{words.selectedRange}</option>}
              <option value="timeline">{words.timeline}</option>
              <option value="1">{words.lastHour}</option>
              <option value="6">{words.last6Hours}</option>
              <option value="24">{words.last24Hours}</option>
              <option value="168">{words.last7Days}</option>
            </SelectField>
            <div className="min-w-0">
              <span className="flex justify-between gap-2 text-[13px]" aria-hidden>
                <span className="text-soft font-medium max-md:hidden">{words.sensitivity}</span>
                <span className="truncate">{sensitivity}</span>
              </span>
              <input
                type="range"
                min={0}
                max={sensitivities.length - 1}
                step={1}
                value={motion.sensitivity}
                aria-label={words.sensitivity}
                aria-valuetext={sensitivity}
                onChange={(e) => motion.setSensitivity(Number(e.target.value))}
                className="accent-accent mt-1 h-8 w-full max-md:mt-1.5 max-md:h-10"
              />
            </div>
          </div>
          <div className="flex gap-2">
            {isRunning ? (
              <Button className="flex-1 max-md:h-11" onClick={motion.stop}>
                <Square /> {words.stop}
              </Button>
            ) : (
              <Button type="submit" variant="primary" className="min-w-0 flex-1 max-md:h-11 max-md:px-2">
                <Search /> {motion.region ? words.searchRegion : words.searchWhole}
              </Button>
            )}
            {motion.region && (
              <Button className="max-md:h-11 max-md:px-3 md:hidden" onClick={() => motion.setRegion(null)}>
                {words.removeRegion}
              </Button>
            )}
          </div>
        </form>
        {search && (
          <>
            <MotionProgress search={search} onRetry={() => motion.start(search.span)} />
            <MotionResults
              camera={camera}
              search={search}
              chosen={chosen}
              onGo={onGo}
              onFurther={() => motion.start({ from: search.span.from, to: search.searchedTo })}
            />
          </>
        )}
      </div>
    </section>
  );
}

function spanOf(choice: Choice, view: View, range: Span | null): Span {
  const now = Date.now();
  if (choice === "range" && range) return range;
  if (choice === "timeline" || choice === "range")
    return { from: Math.min(view.from, now - 1000), to: Math.min(view.to, now) };
  return { from: now - lengths[choice], to: now };
}
