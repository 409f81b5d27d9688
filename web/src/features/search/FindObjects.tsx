import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useCameras } from "@/api/cameras";
import { useCounts } from "@/api/detections";
import { Skeleton } from "@/components/States";
import { dayName } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { number } from "@/i18n/formats";
import { barsOf, periodOf, totalsOf } from "./axis";
import { byDay, keyOf, momentOf } from "./detection";
import { ResultCard } from "./ResultCard";
import { ResultsFrame } from "./ResultsFrame";
import { SearchFilters } from "./SearchFilters";
import { TimeAxis } from "./TimeAxis";
import { useResults } from "./useResults";
import type { Search } from "./useSearch";
import { ofAllClasses } from "./wish";
import { words } from "./words";

const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);

/** Objects as pictures below a time axis; one of them is played beside them. */
export function FindObjects({ search, kind }: { search: Search; kind: ReactNode }) {
  const { wish, whole, shown } = search;
  const cameras = useCameras().data ?? [];
  const results = useResults(search);
  const { all, opened } = results;
  const counts = useCounts(ofAllClasses(search.wholeFilter), { of: "class", by: periodOf(whole), timeZone });
  const bars = counts.data ? barsOf(counts.data.starts, totalsOf(counts.data, wish.classes), whole) : [];
  // Bars reach over the ends of the part that is looked at: what is in it is counted by itself.
  const part = useCounts(search.filter, { of: "class", by: periodOf(shown), timeZone }, wish.narrow !== null);
  const inPart = part.data && !part.isPlaceholderData ? totalsOf(part.data, []) : null;
  const total = sum(wish.narrow === null ? bars.map((b) => b.count) : (inPart ?? []));

  return (
    <ResultsFrame
      search={search}
      results={results}
      cameras={cameras}
      above={
        <>
          {kind}
          <SearchFilters search={search} counts={counts.data}>
            <Button
              variant="ghost"
              size="icon"
              className="max-md:size-11"
              aria-label={words.again}
              title={words.againKey}
              onClick={search.again}
            >
              <RotateCw />
            </Button>
          </SearchFilters>
          {counts.isError ? (
            <p role="alert" className="text-warn text-[13px]">
              {words.notCounted(counts.error.message)}
            </p>
          ) : counts.isPending ? (
            <Skeleton className="h-32" />
          ) : (
            <TimeAxis
              whole={whole}
              narrow={wish.narrow}
              bars={bars}
              chosenAt={opened ? momentOf(opened) : null}
              found={words.found(total, number(total))}
              onNarrow={(narrow) => search.change({ narrow })}
            />
          )}
        </>
      }
      skeleton={
        <Cards label={pageWords.loading}>
          {Array.from({ length: 18 }, (_, i) => (
            <li key={i}>
              <Skeleton className="h-40" />
            </li>
          ))}
        </Cards>
      }
    >
      <div className="space-y-4">
        {byDay(all, dayName).map(([day, detections]) => (
          <section key={day} aria-label={day}>
            <h2 className="text-soft mb-2 text-[13px] font-medium">{day}</h2>
            <Cards label={words.resultsOf(day)}>
              {detections.map((detection) => (
                <ResultCard
                  key={keyOf(detection)}
                  detection={detection}
                  isChosen={detection === opened}
                  several={cameras.length > 1}
                  onChoose={() => search.set({ result: keyOf(detection) })}
                />
              ))}
            </Cards>
          </section>
        ))}
      </div>
    </ResultsFrame>
  );
}

function Cards({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul
      aria-label={label}
      className="grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-3 max-md:grid-cols-2 max-md:gap-2"
    >
      {children}
    </ul>
  );
}
