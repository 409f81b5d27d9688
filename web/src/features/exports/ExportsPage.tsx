import { FileDown } from "lucide-react";
import { Link } from "react-router";
import { useExports } from "@/api/exports";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { ExportCard } from "./ExportCard";
import { words } from "./words";

/** What is leaving the archive, what has left it, and who took it. */
export function ExportsPage() {
  const query = useExports();
  const exports = query.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <div className="mx-auto flex min-h-full max-w-4xl flex-col gap-4 p-4 md:p-8">
      <h1 className="text-xl font-semibold">{words.exports}</h1>
      {query.isPending ? (
        [0, 1, 2].map((i) => <Skeleton key={i} className="h-28" />)
      ) : query.isError && exports.length === 0 ? (
        <QueryError what={words.theExports} error={query.error} onRetry={() => void query.refetch()} />
      ) : exports.length === 0 ? (
        <EmptyState icon={<FileDown />} title={words.noneYet} detail={words.noneYetDetail}>
          <Button variant="primary" asChild>
            <Link to="/playback">{words.goToPlayback}</Link>
          </Button>
        </EmptyState>
      ) : (
        <>
          <ul className="space-y-3">
            {exports.map((e) => (
              <ExportCard key={e.id} value={e} />
            ))}
          </ul>
          {query.hasNextPage && (
            <Button
              className="self-center"
              disabled={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {words.showOlder}
            </Button>
          )}
        </>
      )}
    </div>
  );
}
