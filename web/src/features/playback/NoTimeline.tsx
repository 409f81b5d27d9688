import { ApiError } from "@/api/problem";
import { Button } from "@/components/ui/Button";
import { words } from "./words";

/** In place of the timeline and as high, so that the picture stays where it is. */
export function NoTimeline({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const forbidden = error instanceof ApiError && error.problem.status === 403;
  return (
    <div
      role="alert"
      className="bg-raised/40 flex h-26 flex-col items-center justify-center gap-2 rounded-sm px-3 text-center"
    >
      <p className="text-[13px]">{forbidden ? words.mayNotSee : words.noTimeline(error.message)}</p>
      {!forbidden && (
        <Button size="sm" className="max-md:h-11" onClick={onRetry}>
          {words.tryAgain}
        </Button>
      )}
    </div>
  );
}
