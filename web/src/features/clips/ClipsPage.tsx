import { Clapperboard } from "lucide-react";
import { Link } from "react-router";
import { useKeptPages, type Clip } from "@/api/kept";
import { useMe } from "@/api/useMe";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { ClipCard } from "./ClipCard";
import { Holds } from "./Holds";

/** Saved ranges, and the footage that is on legal hold. */
export function ClipsPage() {
  const clips = useKeptPages<Clip>("clip");
  const me = useMe();
  const may = (permission: string) => me.data?.permissions.includes(permission) ?? false;
  const all = clips.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <div className="mx-auto max-w-6xl space-y-8 p-4 md:p-8">
      <section aria-label="Clips">
        <header className="mb-6">
          <h1 className="text-xl font-semibold">Clips</h1>
          <p className="text-soft">The footage of a clip is kept until the clip is deleted.</p>
        </header>
        {clips.isPending ? (
          <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3" aria-label="Loading">
            {[0, 1, 2].map((i) => (
              <Skeleton key={i} className="h-80" />
            ))}
          </div>
        ) : clips.isError && all.length === 0 ? (
          <QueryError what="the clips" error={clips.error} onRetry={() => void clips.refetch()} />
        ) : all.length === 0 ? (
          <div className="bg-panel rounded-lg border">
            <EmptyState
              icon={<Clapperboard />}
              title="No clips yet"
              detail="Select a range in Playback and save it as a clip: it is found here, and its footage stays."
            >
              <Button asChild variant="primary">
                <Link to="/playback">Open playback</Link>
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
                  {clips.isFetchingNextPage ? "Loading…" : "Show more"}
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
