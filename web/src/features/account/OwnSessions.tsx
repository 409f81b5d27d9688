import { toast } from "sonner";
import { useEndOtherSessions, useSessions } from "@/api/sessions";
import { ListSkeleton } from "@/components/ListSkeleton";
import { QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { SessionList } from "./SessionList";
import { words } from "./words";

/** One's own sign-ins: this one is marked, any other can be ended. */
export function OwnSessions() {
  const sessions = useSessions(false);
  const endOthers = useEndOtherSessions();
  const all = sessions.data ?? [];
  return (
    <section aria-label={words.signIns}>
      <header className="mb-3 flex flex-wrap items-end justify-between gap-3">
        <div className="min-w-0 flex-1 basis-60">
          <h3 className="font-medium">{words.signIns}</h3>
          <p className="text-soft text-[13px] text-pretty">{words.signInsHint}</p>
        </div>
        {all.some((s) => !s.current) && (
          <Button
            size="sm"
            className="max-md:h-11"
            disabled={endOthers.isPending}
            onClick={() =>
              endOthers.mutate(undefined, {
                onSuccess: () => toast(words.othersEnded),
                onError: (e) => toast.error(e.message),
              })
            }
          >
            {words.endOthers}
          </Button>
        )}
      </header>
      {sessions.isPending ? (
        <ListSkeleton lines={2} />
      ) : sessions.isError && all.length === 0 ? (
        <QueryError what={words.theSignIns} error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : (
        <SessionList sessions={all} withNames={false} mayEnd={() => true} />
      )}
    </section>
  );
}
