import { FlaskConical } from "lucide-react";
import { Link } from "react-router";
import { useAnalyticsTrial, type AnalyticsTrial, type Line, type Zone } from "@/api/analytics";
import type { Camera } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { FormProblem } from "@/components/FormProblem";
import { ListSkeleton } from "@/components/ListSkeleton";
import { Button } from "@/components/ui/Button";
import { When } from "@/components/When";
import { DryRunChart } from "@/dryRun/DryRunChart";
import { SamplePicture } from "@/dryRun/SamplePicture";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { classWords } from "@/tracks/classWords";
import { formOf, inputOfOne, type Draft, type Shape } from "./draft";
import { faultOf } from "./geometry";
import { words } from "./words";

const days = 7;

/** As many of the latest are shown. */
const shownSamples = 6;

/** What a zone or line, as it is drawn now, would have told of what was seen: tried when somebody asks. */
export function ShapeTrial({
  camera,
  draft,
  shape,
  settings,
}: {
  camera: Camera;
  draft: Draft;
  shape: Shape;
  /** Of the shape. */
  settings: Zone | Line;
}) {
  const trial = useAnalyticsTrial(camera.id);
  const may = useMayFor()("events.read", camera);
  const analytics = inputOfOne(draft, shape);
  const isStale = JSON.stringify(trial.variables?.analytics) !== JSON.stringify(analytics);
  const faulty = faultOf(shape.spots, formOf[shape.kind]) !== null || settings.name.trim() === "";
  const cannot = !may ? words.trialNoEvents : settings.presets.length > 0 ? words.trialAtPresets : null;
  return (
    <section className="space-y-3 border-t pt-4" aria-label={words.trial}>
      <h3 className="font-medium">{words.trial}</h3>
      <p className="text-soft text-[13px] text-pretty">{cannot ?? words.trialLead}</p>
      {!cannot && (
        <>
          <Button
            className="w-full max-md:h-11"
            disabled={trial.isPending || faulty}
            onClick={() => trial.mutate({ analytics, days })}
          >
            <FlaskConical /> {trial.isPending ? words.trying : words.tryIt}
          </Button>
          <div aria-live="polite" className="space-y-3">
            {trial.isPending ? (
              <ListSkeleton lines={2} className="h-12" />
            ) : trial.error ? (
              <FormProblem error={trial.error} />
            ) : (
              trial.data && (
                <>
                  {isStale && <p className="text-warn text-[13px] text-pretty">{words.changedSince}</p>}
                  <Outcome
                    cameraId={camera.id}
                    trial={trial.data}
                    wanted={isStale ? null : (settings.minConfidence ?? draft.minConfidence)}
                  />
                </>
              )
            )}
          </div>
        </>
      )}
    </section>
  );
}

function Outcome({
  cameraId,
  trial: { from, to, tracks, complete, hoursSeen, oldest, leastConfidence, leftOut, shapes },
  wanted,
}: {
  cameraId: string;
  trial: AnalyticsTrial;
  /** How sure an object had to be; `null`: that is another one by now. */
  wanted: number | null;
}) {
  const [shape] = shapes;
  if (!shape) return null;
  const mayBeMore = wanted !== null && leastConfidence !== null && wanted < leastConfidence;
  return (
    <>
      <p className="text-base font-semibold text-balance" data-testid="fired">
        {tracks === 0 ? words.nothingSeen : words.wouldHaveTold(shape.fired)}
      </p>
      {shape.told.length > 1 && (
        <p className="text-soft tabular text-[13px]">
          {shape.told.map(({ what, fired }) => words.toldOf[what](number(fired))).join(" · ")}
        </p>
      )}
      {tracks === 0 && leftOut.length === 0 && (
        <p className="text-soft text-[13px] text-pretty">{words.nothingSeenDetail}</p>
      )}
      {shape.fired > 0 && <DryRunChart from={from} to={to} hours={shape.hours} fired={shape.fired} />}
      {tracks > 0 && oldest && (
        <p className="text-soft text-[13px] text-pretty">
          {words.triedOn(tracks, hoursSeen)} <When at={oldest} />
        </p>
      )}
      {mayBeMore && (
        <p className="text-soft text-[13px] text-pretty">{words.mayBeMore(number(100 * leastConfidence))}</p>
      )}
      {leftOut.length > 0 && (
        <div className="text-[13px]">
          <p className="text-soft">{words.notTried}</p>
          <ul className="mt-1 space-y-0.5">
            {leftOut.map(({ why, tracks: those }) => (
              <li key={why} className="flex justify-between gap-3">
                <span>{wordFor(words.notTriedWhy, why) ?? why}</span>
                <span className="tabular text-soft">{number(those)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {!complete && <p className="text-warn text-[13px] text-pretty">{words.trialIncomplete}</p>}
      {shape.samples.length > 0 && (
        <div>
          <p className="text-soft mb-1.5 text-[13px]">{words.latest}</p>
          <ul className="grid grid-cols-2 gap-2">
            {shape.samples.slice(0, shownSamples).map(({ eventId, at, what, class: seen, cropUrl }) => (
              <li key={`${eventId} ${at} ${what}`} className="min-w-0 text-[12px]">
                {/* In a window of its own: what is drawn here stays. */}
                <Link
                  to={`/playback?camera=${encodeURIComponent(cameraId)}&at=${encodeURIComponent(at)}`}
                  target="_blank"
                  className="block rounded-md"
                >
                  <SamplePicture cameraId={cameraId} at={at} url={cropUrl} />
                  <span className="mt-1 block truncate">
                    {[words.momentOf[what], seen && classWords(seen)].filter(Boolean).join(" · ")}
                  </span>
                  <span className="text-soft block truncate">
                    <When at={at} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
