import { useState } from "react";
import { useCameras } from "@/api/cameras";
import { useCounts, type DetectionView } from "@/api/detections";
import { useMayFor } from "@/api/useMe";
import type { Camera } from "@/api/types";
import { ListSkeleton } from "@/components/ListSkeleton";
import { cn } from "@/components/cn";
import { DeleteDetectionDialog } from "./DeleteDetectionDialog";
import { DetectionCrop, DetectionStill } from "./DetectionPicture";
import { DetectionFacts } from "./DetectionFacts";
import { keyOf, nameOf } from "./detection";
import { ResultsFrame } from "./ResultsFrame";
import { ReviewButtons } from "./ReviewButtons";
import { SearchFilters } from "./SearchFilters";
import { useResults } from "./useResults";
import { useSearch } from "./useSearch";
import { ofAllClasses } from "./wish";
import { words } from "./words";

const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** One line for each object that was followed: what it was, which way it went, who saw it, and whether that was right. */
export function DetectionsPage() {
  const search = useSearch();
  const cameras = useCameras().data ?? [];
  const results = useResults(search);
  const counts = useCounts(ofAllClasses(search.filter), { of: "class", by: "month", timeZone });
  const may = useMayFor();
  const [deleting, setDeleting] = useState<DetectionView | null>(null);

  return (
    <ResultsFrame
      search={search}
      results={results}
      cameras={cameras}
      above={<SearchFilters search={search} counts={counts.data} />}
      skeleton={<ListSkeleton lines={5} className="h-44" />}
    >
      <ol aria-label={words.detectionList} className="space-y-2">
        {results.all.map((detection) => {
          const camera = cameras.find((c) => c.id === detection.cameraId);
          return (
            <Line
              key={keyOf(detection)}
              detection={detection}
              camera={camera}
              mayReview={!camera || may("detections.write", camera)}
              isOpen={detection === results.opened}
              onPlay={() => search.set({ result: keyOf(detection) })}
              onDelete={() => setDeleting(detection)}
            />
          );
        })}
      </ol>
      {deleting && (
        <DeleteDetectionDialog
          detection={deleting}
          onGone={() => deleting === results.opened && results.close()}
          onClose={() => setDeleting(null)}
        />
      )}
    </ResultsFrame>
  );
}

function Line({
  detection,
  camera,
  mayReview,
  isOpen,
  onPlay,
  onDelete,
}: {
  detection: DetectionView;
  camera: Camera | undefined;
  mayReview: boolean;
  isOpen: boolean;
  onPlay: () => void;
  onDelete: () => void;
}) {
  return (
    <li
      data-detection={detection.id}
      className={cn(
        "bg-panel flex flex-wrap items-start gap-4 rounded-lg border p-3",
        isOpen && "border-accent",
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
      {mayReview && (
        <div className="flex flex-wrap gap-2">
          <ReviewButtons detection={detection} onDelete={onDelete} />
        </div>
      )}
    </li>
  );
}
