import { Skeleton } from "./States";
import { words } from "./words";

/** Lines of a list while it is loading. */
export function ListSkeleton({ lines = 4, className = "h-16" }: { lines?: number; className?: string }) {
  return (
    <div className="space-y-2" role="status" aria-label={words.loading}>
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} className={className} />
      ))}
    </div>
  );
}
