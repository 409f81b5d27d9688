import { Clapperboard } from "lucide-react";
import { Link } from "react-router";
import { useKeptPages } from "@/api/kept";
import { useMay } from "@/api/useMe";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { ClipCard } from "./ClipCard";
import { Holds } from "./Holds";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** Saved ranges, and the footage that is on legal hold. */
export function ClipsPage() {
  const clips = useKeptPages("clip");
  const may = useMay();
  const all = clips.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <div className="mx-auto max-w-6xl space-y-8 p-4 md:p-8">
      <section aria-label={words.clips}>
        <header className="mb-6">
          <h1 className="text-xl font-semibold">{words.clips}</h1>
          <p className="text-soft">{words.lead}</p>
        </header>
        {clips.isPending ? (
          <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3" role="status" aria-label={pageWords.loading}>
            {[0, 1, 2].map((i) => (
              <Skeleton key={i} className="h-80" />
            ))}
          </div>
        ) : clips.isError && all.length === 0 ? (
          <QueryError what={words.theClips} error={clips.error} onRetry={() => void clips.refetch()} />
        ) : all.length === 0 ? (
          <div className="bg-panel rounded-lg border">
            <EmptyState icon={<Clapperboard />} title={words.noneYet} detail={words.noneYetDetail}>
              <Button asChild variant="primary">
                <Link to="/playback">{words.openPlayback}</Link>
              </Button>
            </EmptyState>
          </div>
        ) : (
          <>
            <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
              {all.map((clip) => (
                <ClipCard key={clip.id} clip={clip} mayDelete={may("clips.write")} />
              ))}
            </ul>
            {clips.hasNextPage && (
              <div className="mt-4 text-center">
                <Button disabled={clips.isFetchingNextPage} onClick={() => void clips.fetchNextPage()}>
                  {clips.isFetchingNextPage ? pageWords.loadingMore : pageWords.showMore}
                </Button>
              </div>
            )}
          </>
        )}
      </section>
      <Holds mayLift={may("recordings.hold")} />
    </div>
  );
}
