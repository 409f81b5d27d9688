import { useEffect, useRef, useState } from "react";
import type { Camera } from "@/api/types";
import { cn } from "@/components/cn";
import { clock, dayName, duration } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { RecordedPicture } from "@/picture/RecordedPicture";
import { aspectOf } from "./aspect";
import { shownAt, type MotionHit, type MotionSearch } from "./searchState";
import { words } from "./words";

/** Lines in the list at first; a thousand pictures at once help nobody. */
const page = 100;

/** What was found, newest first; choosing one goes there. */
export function MotionResults({
  camera,
  search,
  chosen,
  onGo,
  onFurther,
}: {
  camera: Camera;
  search: MotionSearch;
  chosen: MotionHit | null;
  onGo: (hit: MotionHit) => void;
  /** Searches what lies before where a search with too many hits ended. */
  onFurther: () => void;
}) {
  const [shown, setShown] = useState(page);
  const { hits, phase } = search;
  if (hits.length === 0) return phase === "done" ? <NothingFound search={search} /> : null;
  return (
    <>
      <ul aria-label={words.motionFound} className="px-1 pb-2">
        {hits.slice(0, shown).map((hit) => (
          <Line
            key={`${hit.from}-${hit.to}`}
            camera={camera}
            hit={hit}
            isChosen={hit === chosen}
            onGo={() => onGo(hit)}
          />
        ))}
      </ul>
      {hits.length > shown && (
        <Button size="sm" variant="ghost" className="mx-3 mb-3 max-md:h-11" onClick={() => setShown(shown + page)}>
          {words.showMoreOf(Math.min(page, hits.length - shown), hits.length)}
        </Button>
      )}
      {phase === "done" && !search.complete && (
        <div className="space-y-2 border-t p-3 text-[13px]">
          <p className="text-soft text-pretty">{words.lessIsMore}</p>
          <Button size="sm" className="max-md:h-11" onClick={onFurther}>
            {words.searchBefore}
          </Button>
        </div>
      )}
    </>
  );
}

function Line({
  camera,
  hit,
  isChosen,
  onGo,
}: {
  camera: Camera;
  hit: MotionHit;
  isChosen: boolean;
  onGo: () => void;
}) {
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) line.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const [x, y, width, height] = hit.box;
  const percent = (part: number) => `${part * 100}%`;
  return (
    <li ref={line}>
      <button
        type="button"
        aria-current={isChosen || undefined}
        onClick={onGo}
        className={cn(
          "hover:bg-raised flex w-full items-center gap-3 rounded-md px-2 py-1.5 text-left",
          isChosen && "bg-raised",
        )}
      >
        <span
          className={cn("relative w-28 shrink-0 overflow-hidden rounded md:w-36", isChosen && "ring-accent ring-2")}
          style={{ aspectRatio: aspectOf(camera) }}
        >
          <RecordedPicture
            cameraId={camera.id}
            from={new Date(hit.from).toISOString()}
            to={new Date(hit.to).toISOString()}
            exactAt={shownAt(hit)}
            className="size-full"
          />
          <span
            className="border-warn absolute border"
            style={{ left: percent(x), top: percent(y), width: percent(width), height: percent(height) }}
          />
        </span>
        <span className="tabular min-w-0">
          <span className="block font-medium">{clock(hit.from)}</span>
          <span className="text-soft block truncate text-[12px]">{dayName(hit.from)}</span>
          <span className="text-soft block text-[12px]">{duration(hit.to - hit.from)}</span>
        </span>
      </button>
    </li>
  );
}

function NothingFound({ search }: { search: MotionSearch }) {
  return (
    <div className="space-y-1 border-t px-3 py-4">
      <p className="font-medium">
        {search.searchedSeconds
          ? words.nothingMoved
          : search.skipped.length > 0
            ? words.nothingSearched
            : words.nothingRecorded}
      </p>
      <p className="text-soft text-[13px] text-pretty">
        {search.searchedSeconds ? words.moreIsMore : words.chooseAnother}
      </p>
    </div>
  );
}
