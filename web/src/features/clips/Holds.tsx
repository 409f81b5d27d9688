import { Lock } from "lucide-react";
import { useState } from "react";
import { useKeptPages, type Hold } from "@/api/kept";
import { dayAndClock } from "@/components/time";
import { QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { LetGoDialog } from "./LetGoDialog";
import { KeptCameras, rangeWords } from "./keptWords";
import { PlayLink } from "./PlayLink";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** The legal holds in force, with the way to lift them for whoever may. */
export function Holds({ mayLift }: { mayLift: boolean }) {
  const holds = useKeptPages("hold");
  const all = holds.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <section aria-label={words.holds}>
      <h2 className="mb-3 font-semibold">{words.holds}</h2>
      {holds.isPending ? (
        <Skeleton className="h-20" />
      ) : holds.isError && all.length === 0 ? (
        <QueryError what={words.theHolds} error={holds.error} onRetry={() => void holds.refetch()} />
      ) : all.length === 0 ? (
        <p className="bg-panel text-soft rounded-lg border p-4 text-[13px]">
          {words.nothingOnHold} {mayLift ? words.howToHold : words.whoHolds}
        </p>
      ) : (
        <ul className="bg-panel divide-y rounded-lg border">
          {all.map((hold) => (
            <Line key={hold.id} hold={hold} mayLift={mayLift} />
          ))}
        </ul>
      )}
      {holds.hasNextPage && (
        <div className="mt-4 text-center">
          <Button disabled={holds.isFetchingNextPage} onClick={() => void holds.fetchNextPage()}>
            {holds.isFetchingNextPage ? pageWords.loadingMore : pageWords.showMore}
          </Button>
        </div>
      )}
    </section>
  );
}

function Line({ hold, mayLift }: { hold: Hold; mayLift: boolean }) {
  const [asking, setAsking] = useState(false);
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <h3 className="flex items-center gap-2 font-medium">
          <Lock className="text-good size-4 shrink-0" aria-hidden />
          <span className="min-w-0 break-words">{hold.reason}</span>
        </h3>
        <p className="text-soft tabular text-[13px]">{rangeWords(hold.from, hold.to)}</p>
        <p className="text-faint text-[12px]">{words.byAt(hold.createdBy, dayAndClock(Date.parse(hold.createdAt)))}</p>
      </div>
      <div className="min-w-0 flex-1 basis-48">
        <KeptCameras cameras={hold.cameras} />
      </div>
      <div className="flex gap-2">
        <PlayLink cameras={hold.cameras} from={hold.from} to={hold.to} />
        {mayLift && (
          <Button size="sm" variant="ghost" className="max-md:h-11" onClick={() => setAsking(true)}>
            {words.lift}
          </Button>
        )}
      </div>
      {asking && (
        <LetGoDialog
          kind="hold"
          id={hold.id}
          title={words.liftWhat(hold.reason)}
          description={words.liftDetail}
          action={words.liftHold}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}
