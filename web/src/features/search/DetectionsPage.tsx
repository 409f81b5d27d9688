import { useMemo, useState } from "react";
import { useCameras } from "@/api/cameras";
import { useCounts, useDetections, type DetectionView } from "@/api/detections";
import { useMayFor } from "@/api/useMe";
import type { Camera } from "@/api/types";
import { ListSkeleton } from "@/components/ListSkeleton";
import { More } from "@/components/More";
import { QueryError } from "@/components/States";
import { cn } from "@/components/cn";
import { DeleteDetectionDialog } from "./DeleteDetectionDialog";
import { DetectionCrop, DetectionStill } from "./DetectionPicture";
import { DetectionFacts } from "./DetectionFacts";
import { keyOf, nameOf } from "./detection";
import { NothingFound } from "./NothingFound";
import { ResultPanel } from "./ResultPanel";
import { ReviewButtons } from "./ReviewButtons";
import { SearchFilters } from "./SearchFilters";
import { SearchFrame } from "./SearchFrame";
import { useSearch } from "./useSearch";
import { ofAllClasses } from "./wish";
import { words } from "./words";

const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** One line for each object that was followed: what it was, which way it went, who saw it, and whether that was right. */
export function DetectionsPage() {
  const search = useSearch();
  const known = useCameras();
  const cameras = useMemo(() => known.data ?? [], [known.data]);
  const list = useDetections(search.filter);
  const counts = useCounts(ofAllClasses(search.filter), { of: "class", by: "month", timeZone });
  const all = list.data?.pages.flatMap((p) => p.items) ?? [];
  const [deleting, setDeleting] = useState<DetectionView | null>(null);
  const place = all.findIndex((d) => keyOf(d) === search.get("result"));
  const chosen = all[place];
  const choose = (to: number) => search.set({ result: all[to] ? keyOf(all[to]) : null });

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
      <SearchFilters search={search} counts={counts.data} />
      {list.isPending ? (
        <ListSkeleton lines={5} className="h-44" />
      ) : list.isError && all.length === 0 ? (
        <QueryError what={words.theDetections} error={list.error} onRetry={() => void list.refetch()} />
      ) : all.length === 0 ? (
        <NothingFound search={search} cameras={cameras} />
      ) : (
        <>
          <ol aria-label={words.detectionList} className="space-y-2">
            {all.map((detection) => (
              <Line
                key={keyOf(detection)}
                detection={detection}
                camera={cameras.find((c) => c.id === detection.cameraId)}
                isChosen={detection === chosen}
                onPlay={() => search.set({ result: keyOf(detection) })}
                onDelete={() => setDeleting(detection)}
              />
            ))}
          </ol>
          {list.hasNextPage && (
            <More
              busy={list.isFetchingNextPage}
              error={list.isFetchNextPageError ? list.error : null}
              onMore={() => void list.fetchNextPage()}
            />
          )}
        </>
      )}
      {deleting && (
        <DeleteDetectionDialog
          detection={deleting}
          onGone={() => keyOf(deleting) === search.get("result") && search.set({ result: null })}
          onClose={() => setDeleting(null)}
        />
      )}
    </SearchFrame>
  );
}

function Line({
  detection,
  camera,
  isChosen,
  onPlay,
  onDelete,
}: {
  detection: DetectionView;
  camera: Camera | undefined;
  isChosen: boolean;
  onPlay: () => void;
  onDelete: () => void;
}) {
  const may = useMayFor();
  return (
    <li
      data-detection={detection.id}
      className={cn(
        "bg-panel flex flex-wrap items-start gap-4 rounded-lg border p-3",
        isChosen && "border-accent",
        detection.state === "false" && "opacity-70",
      )}
    >
      <button
        type="button"
        aria-label={words.play(nameOf(detection))}
        onClick={onPlay}
        className="flex gap-2 rounded max-md:w-full"
      >
        <DetectionStill
          detection={detection}
          camera={camera}
          className="h-36 rounded max-md:h-auto max-md:min-w-0 max-md:flex-1"
        />
        <DetectionCrop detection={detection} className="h-36 w-24 shrink-0 rounded max-md:h-auto" />
      </button>
      <div className="min-w-0 flex-1 basis-56">
        <DetectionFacts detection={detection} />
      </div>
      {(!camera || may("detections.write", camera)) && (
        <div className="flex flex-wrap gap-2">
          <ReviewButtons detection={detection} onDelete={onDelete} />
        </div>
      )}
    </li>
  );
}
