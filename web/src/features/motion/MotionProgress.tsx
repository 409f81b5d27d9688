import { clock, dayAndClock, duration } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { day } from "@/timeline/scale";
import { skippedWords, type MotionSearch } from "./searchState";
import { words } from "./words";

/** So many pictures compared anew, and it is said why it takes a while. */
const noticed = 20;

/** How far a search has come, or how it ended. */
export function MotionProgress({ search, onRetry }: { search: MotionSearch; onRetry: () => void }) {
  const { phase, span, share, searchedTo } = search;
  const at = span.to - span.from > day ? dayAndClock(searchedTo) : clock(searchedTo);
  const percent = Math.round(share * 100);
  const skipped = skippedWords(search, duration);
  return (
    <div className="space-y-1.5 border-t px-3 py-2.5 text-[13px]">
      {phase === "running" && (
        <div
          role="progressbar"
          aria-label={words.motionSearch}
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={100}
          className="bg-raised h-1 overflow-hidden rounded-full"
        >
          <div
            className="bg-accent h-full rounded-full transition-[width] duration-300"
            style={{ width: `${Math.max(1, percent)}%` }}
          />
        </div>
      )}
      <p className="tabular flex justify-between gap-2" aria-live={phase === "running" ? "off" : "polite"}>
        {phase === "running" && <span>{words.searchedBack(at)}</span>}
        {phase === "done" && search.complete && <span>{doneWords(search)}</span>}
        {phase === "done" && !search.complete && <span>{words.tooMuch(at)}</span>}
        {phase === "stopped" && <span>{words.stoppedAt(at)}</span>}
        {phase === "failed" && <span className="text-alarm">{search.problem}</span>}
        {phase === "running" && <span className="text-soft">{percent} %</span>}
      </p>
      {phase === "running" && search.compared > noticed && <p className="text-faint text-pretty">{words.compares}</p>}
      {phase === "failed" && (
        <Button size="sm" className="max-md:h-11" onClick={onRetry}>
          {words.searchAgain}
        </Button>
      )}
      {skipped && <p className="text-warn">{skipped}</p>}
    </div>
  );
}

function doneWords({ hits, searchedSeconds }: MotionSearch): string {
  const searched = duration((searchedSeconds ?? 0) * 1000);
  if (hits.length === 0) return words.searched(searched);
  return words.found(hits.length, searched);
}
