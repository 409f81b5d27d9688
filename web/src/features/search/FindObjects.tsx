import { RotateCw } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { useCameras } from "@/api/cameras";
import { useCounts, useDetections } from "@/api/detections";
import { useShortcuts } from "@/app/useShortcuts";
import { More } from "@/components/More";
import { QueryError, Skeleton } from "@/components/States";
import { dayName } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { number } from "@/i18n/formats";
import { barsOf, periodOf, totalsOf } from "./axis";
import { byDay, keyOf } from "./detection";
import { NothingFound } from "./NothingFound";
import { ResultCard } from "./ResultCard";
import { ResultPanel } from "./ResultPanel";
import { SearchFilters } from "./SearchFilters";
import { SearchFrame } from "./SearchFrame";
import { TimeAxis } from "./TimeAxis";
import type { Search } from "./useSearch";
import { ofAllClasses } from "./wish";
import { words } from "./words";

const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);

/** Objects as pictures below a time axis; one of them is played beside them. */
export function FindObjects({ search, kind }: { search: Search; kind: ReactNode }) {
  const { wish, whole, shown } = search;
  const cameras = useCameras().data ?? [];
  const list = useDetections(search.filter);
  const all = useMemo(() => list.data?.pages.flatMap((p) => p.items) ?? [], [list.data]);
  const counts = useCounts(ofAllClasses(search.wholeFilter), { of: "class", by: periodOf(whole), timeZone });
  const bars = counts.data ? barsOf(counts.data.starts, totalsOf(counts.data, wish.classes), whole) : [];
  // Bars reach over the ends of the part that is looked at: what is in it is counted by itself.
  const part = useCounts(search.filter, { of: "class", by: periodOf(shown), timeZone }, wish.narrow !== null);
  const inPart = part.data && !part.isPlaceholderData ? totalsOf(part.data, []) : null;
  const total = sum(wish.narrow === null ? bars.map((b) => b.count) : (inPart ?? []));
  const place = all.findIndex((d) => keyOf(d) === search.get("result"));
  const chosen = all[place];
  const choose = (to: number) => {
    const next = all[to];
    if (next) search.set({ result: keyOf(next) });
    if (to >= all.length - 4 && list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
  };
  useShortcuts({
    j: () => choose(chosen ? place + 1 : 0),
    k: () => chosen && choose(place - 1),
    Escape: () => chosen && search.set({ result: null }),
    r: search.again,
  });

  return (
    <SearchFrame
      panel={
        chosen && (
          <ResultPanel
            key={keyOf(chosen)}
            detection={chosen}
            camera={cameras.find((c) => c.id === chosen.cameraId)}
            onNext={place < all.length - 1 ? () => choose(place + 1) : null}
            onPrevious={place > 0 ? () => choose(place - 1) : null}
            onGone={() => search.set({ result: null })}
            onClose={() => search.set({ result: null })}
          />
        )
      }
    >
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
          chosenAt={chosen ? Date.parse(chosen.at) : null}
          found={words.found(total, number(total))}
          onNarrow={(narrow) => search.change({ narrow })}
        />
      )}
      {list.isPending ? (
        <Cards label={pageWords.loading}>
          {Array.from({ length: 18 }, (_, i) => (
            <li key={i}>
              <Skeleton className="h-40" />
            </li>
          ))}
        </Cards>
      ) : list.isError && all.length === 0 ? (
        <QueryError what={words.theDetections} error={list.error} onRetry={() => void list.refetch()} />
      ) : all.length === 0 ? (
        <NothingFound search={search} cameras={cameras} />
      ) : (
        <div className="space-y-4">
          {byDay(all, dayName).map(([day, detections]) => (
            <section key={day} aria-label={day}>
              <h2 className="text-soft mb-2 text-[13px] font-medium">{day}</h2>
              <Cards label={words.resultsOf(day)}>
                {detections.map((detection) => (
                  <ResultCard
                    key={keyOf(detection)}
                    detection={detection}
                    isChosen={detection === chosen}
                    several={cameras.length > 1}
                    onChoose={() => search.set({ result: keyOf(detection) })}
                  />
                ))}
              </Cards>
            </section>
          ))}
          {list.hasNextPage && (
            <More
              busy={list.isFetchingNextPage}
              error={list.isFetchNextPageError ? list.error : null}
              onMore={() => void list.fetchNextPage()}
            />
          )}
        </div>
      )}
    </SearchFrame>
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
