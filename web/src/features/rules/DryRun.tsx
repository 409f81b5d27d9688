import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { ApiError } from "@/api/problem";
import type { DryRunOutcome } from "@/api/rules";
import { ListSkeleton } from "@/components/ListSkeleton";
import { Button } from "@/components/ui/Button";
import { When } from "@/components/When";
import { DryRunChart } from "@/dryRun/DryRunChart";
import { periods } from "@/dryRun/histogram";
import { SamplePicture } from "@/dryRun/SamplePicture";
import { eventWords } from "@/events/eventWords";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** As many of the latest are shown. */
const shownSamples = 6;

/** What the rule, as it stands in the form, would have done with what happened: tried when somebody asks, nothing is done. */
export function DryRun({
  outcome,
  error,
  busy,
  isStale,
  onRun,
}: {
  outcome: DryRunOutcome | null;
  error: Error | null;
  busy: boolean;
  /** What it says is of the rule as it stood before. */
  isStale: boolean;
  onRun: (days: number) => void;
}) {
  const [period, setPeriod] = useState<(typeof periods)[number]>(periods[1]);
  return (
    <div className="space-y-3">
      <p className="text-soft text-[13px] text-pretty">{words.dryRunLead}</p>
      <div role="radiogroup" aria-label={words.overWhat} className="bg-ground flex gap-0.5 rounded-md border p-0.5">
        {periods.map((choice) => (
          <label
            key={choice.days}
            className="has-checked:bg-raised has-checked:text-text text-soft hover:text-text flex h-8 flex-1 items-center justify-center rounded px-2 text-[13px] has-focus-visible:outline-2 has-focus-visible:outline-offset-2 max-md:h-11"
          >
            <input
              type="radio"
              name="dryRunPeriod"
              className="sr-only"
              checked={period === choice}
              onChange={() => setPeriod(choice)}
            />
            {words.periods[choice.days]}
          </label>
        ))}
      </div>
      <Button className="w-full max-md:h-11" disabled={busy} onClick={() => onRun(period.days)}>
        <FlaskConical /> {busy ? words.trying : words.tryIt}
      </Button>
      <div aria-live="polite" className="space-y-3">
        {busy ? (
          <ListSkeleton lines={2} className="h-12" />
        ) : error ? (
          <Refused error={error} />
        ) : (
          outcome && (
            <>
              {isStale && <p className="text-warn text-[13px] text-pretty">{words.changedSince}</p>}
              <Outcome outcome={outcome} />
            </>
          )
        )}
      </div>
    </div>
  );
}

/** What a field says itself is not said twice. */
function Refused({ error }: { error: Error }) {
  const isInput = error instanceof ApiError && (error.problem.fields?.length ?? 0) > 0;
  return (
    <p role="alert" className="text-alarm text-[13px] text-pretty">
      {isInput ? words.notYetComplete : error.message}
    </p>
  );
}

function Outcome({ outcome }: { outcome: DryRunOutcome }) {
  const { from, to, fired, evaluated, complete, leftOut, hours, samples } = outcome;
  const left = evaluated - fired;
  return (
    <>
      <p className="text-base font-semibold text-balance" data-testid="fired">
        {evaluated === 0 ? words.nothingHappened : words.wouldHaveFired(fired)}
      </p>
      {evaluated === 0 && <p className="text-soft text-[13px] text-pretty">{words.nothingHappenedDetail}</p>}
      {fired > 0 && <DryRunChart from={from} to={to} hours={hours} fired={fired} />}
      {left > 0 && (
        <div className="text-[13px]">
          <p className="text-soft">{words.leftOut(number(left), number(evaluated))}</p>
          <ul className="mt-1 space-y-0.5">
            {leftOut.map(({ why, events }) => (
              <li key={why} className="flex justify-between gap-3">
                <span>{wordFor(words.leftOutWhy, why) ?? why}</span>
                <span className="tabular text-soft">{number(events)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {!complete && <p className="text-warn text-[13px] text-pretty">{words.incomplete(number(evaluated))}</p>}
      {samples.length > 0 && (
        <div>
          <p className="text-soft mb-1.5 text-[13px]">{words.latest}</p>
          <ul className="grid grid-cols-2 gap-2">
            {samples.slice(0, shownSamples).map((sample) => (
              <li key={sample.eventId} className="min-w-0 text-[12px]">
                <Moment sample={sample}>
                  <SamplePicture cameraId={sample.cameraId} at={sample.at} url={sample.snapshotUrl ?? sample.cropUrl} />
                  <span className="mt-1 block truncate">{sample.cameraName ?? eventWords(sample.type)}</span>
                  <span className="text-soft block truncate">
                    <When at={sample.at} />
                  </span>
                </Moment>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

function Moment({
  sample: { cameraId, at },
  children,
}: {
  sample: DryRunOutcome["samples"][number];
  children: React.ReactNode;
}) {
  if (!cameraId) return children;
  // In a window of its own: what is typed here stays.
  return (
    <Link
      to={`/playback?camera=${encodeURIComponent(cameraId)}&at=${encodeURIComponent(at)}`}
      target="_blank"
      className="block rounded-md"
    >
      {children}
    </Link>
  );
}
