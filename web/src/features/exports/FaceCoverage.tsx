import { useFaceCoverage } from "@/api/exports";
import type { Camera } from "@/api/types";
import { Button } from "@/components/ui/Button";
import type { Span } from "@/timeline/footage";
import { lengthWords } from "./exportWords";
import { words } from "./words";

/** What hiding faces does, and of which cameras and of how much of the time it cannot: nobody looked for people then. */
export function FaceCoverage({ cameras, range }: { cameras: readonly Camera[]; range: Span }) {
  const coverage = useFaceCoverage(
    cameras.map((c) => c.id),
    range,
  );
  const unlooked = (coverage.data?.cameras ?? [])
    .map((c) => ({ ...c, name: cameras.find((camera) => camera.id === c.cameraId)?.name ?? c.cameraId }))
    .filter((c) => c.unlookedSeconds >= 1);
  return (
    <div className="space-y-2 text-[13px]">
      <p className="text-soft">{words.hideFacesHow}</p>
      {coverage.isPending && cameras.length > 0 && <p className="text-faint">{words.facesAsking}</p>}
      {coverage.error && (
        <div role="alert" className="bg-alarm/10 text-alarm flex flex-wrap items-center gap-2 rounded-md px-3 py-2">
          <span className="min-w-0 flex-1">{words.facesUnknown(coverage.error.message)}</span>
          <Button size="sm" className="max-md:h-11" onClick={() => void coverage.refetch()}>
            {words.askAgain}
          </Button>
        </div>
      )}
      {unlooked.length > 0 && (
        <div role="alert" className="bg-warn/10 space-y-1 rounded-md px-3 py-2">
          <p className="font-medium">{words.facesSeen}</p>
          <ul>
            {unlooked.map((c) => (
              <li key={c.cameraId}>
                {c.unlookedSeconds >= c.recordedSeconds - 1
                  ? words.allUnlooked(c.name)
                  : words.partUnlooked(c.name, lengthWords(c.unlookedSeconds), lengthWords(c.recordedSeconds))}
              </li>
            ))}
          </ul>
        </div>
      )}
      {!coverage.error && unlooked.length === 0 && coverage.data?.cameras.some((c) => c.recordedSeconds > 0) && (
        <p>{words.allLooked}</p>
      )}
    </div>
  );
}
