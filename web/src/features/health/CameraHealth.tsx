import { ArrowDown, ArrowUp } from "lucide-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useDevices } from "@/api/device";
import type { Camera } from "@/api/types";
import { recordingWords, stateWords, toneDot, toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { QueryError } from "@/components/States";
import { duration } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { clockWords } from "@/features/camera/clock";
import { number } from "@/i18n/formats";
import { columns, figuresOf, sortedBy, type Column, type Figures } from "./cameraFigures";
import { looksAt } from "./history";
import { Sparkline } from "./Sparkline";
import { useStreamingStatus } from "./useStreamingStatus";
import { words } from "./words";

/** Worth seeing at one glance; the rest on demand. */
const shownAtFirst = 30;
/** Media reports every two seconds; a picture of a slow camera is older, and still the newest. */
const freshMs = 6_000;

/** Camera by camera what comes and how well; `?sort=COLUMN` (`-COLUMN`: downwards) is a link, too. The worst comes first. */
export function CameraHealth({ cameras }: { cameras: readonly Camera[] }) {
  const [search, setSearch] = useSearchParams();
  const [all, setAll] = useState(false);
  const status = useStreamingStatus();
  const devices = useDevices();
  const wanted = search.get("sort") ?? "-state";
  const down = wanted.startsWith("-");
  const column = columns.find((c) => c === wanted.replace("-", "")) ?? "state";
  const rows = sortedBy(figuresOf(cameras, status.data, devices.data ?? [], looksAt), column, down);
  const shown = all ? rows : rows.slice(0, shownAtFirst);
  const sort = (to: Column) =>
    setSearch(
      (current) => {
        // Figures are looked at from their bad end first; names from A.
        const first = to === "name" || to === "fps" ? to : `-${to}`;
        current.set("sort", to === column ? (down ? to : `-${to}`) : first);
        return current;
      },
      { replace: true },
    );
  if (cameras.length === 0) return null;
  return (
    <section aria-label={words.cameras}>
      <h2 className="mb-3 font-semibold">{words.cameras}</h2>
      {status.isError && !status.data && (
        <QueryError what={words.theFigures} error={status.error} onRetry={() => void status.refetch()} />
      )}
      <div className="bg-panel overflow-x-auto rounded-lg border">
        <table className="w-full text-left text-[13px]">
          <thead>
            <tr className="border-b">
              {columns.map((c) => (
                <th
                  key={c}
                  scope="col"
                  aria-sort={c === column ? (down ? "descending" : "ascending") : "none"}
                  className={onlyWide(c)}
                >
                  <button
                    type="button"
                    title={words.columnHints[c]}
                    onClick={() => sort(c)}
                    className={cn(
                      "flex h-10 w-full items-center gap-1 px-3 font-medium whitespace-nowrap max-md:h-11",
                      c === column ? "text-text" : "text-soft",
                    )}
                  >
                    {words.columns[c]}
                    {c === column &&
                      (down ? (
                        <ArrowDown className="size-3.5" aria-hidden />
                      ) : (
                        <ArrowUp className="size-3.5" aria-hidden />
                      ))}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y">
            {shown.map((figures) => (
              <Line key={figures.camera.id} figures={figures} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > shown.length && (
        <Button className="mt-3 max-md:h-11" onClick={() => setAll(true)}>
          {words.showAllCameras(rows.length)}
        </Button>
      )}
    </section>
  );
}

/** A phone has room for the name, the state and what matters of the rest below the name. */
const onlyWide = (column: Column) => (column === "name" || column === "state" ? undefined : "max-md:hidden");

function Line({ figures }: { figures: Figures }) {
  const { camera, fps, bitrateBps, history, lostSeconds } = figures;
  const state = stateWords(camera);
  const recording = recordingWords(camera);
  const rate = fps === null ? null : words.perSecond(number(fps, fps < 10 ? 1 : 0));
  const bitrate = bitrateBps === null ? null : words.megabits(number(bitrateBps / 1e6, 1));
  const lost = lostSeconds >= 0.5 ? words.lostSeconds(number(lostSeconds)) : null;
  return (
    <tr data-camera-id={camera.id}>
      <th scope="row" className="px-3 py-2 font-medium">
        <Link
          to={`/cameras/${camera.id}`}
          className="hover:underline max-md:inline-flex max-md:min-h-8 max-md:items-center"
        >
          {camera.name}
        </Link>
        <span className="text-soft tabular block font-normal md:hidden">
          {[rate, bitrate, lost && words.lostWords(lost)].filter(Boolean).join(" · ")}
        </span>
      </th>
      <td className="px-3 py-2 md:whitespace-nowrap">
        <span className="flex items-center gap-2">
          <span className={cn("size-2 shrink-0 rounded-full", toneDot[state.tone])} aria-hidden />
          <span title={state.why ?? undefined} className={state.tone === "good" ? undefined : toneText[state.tone]}>
            {state.text}
          </span>
        </span>
        <span className={cn("block pl-4", recording.tone === "good" ? "text-soft" : toneText[recording.tone])}>
          {recording.text}
        </span>
      </td>
      <td className="tabular px-3 py-2 whitespace-nowrap max-md:hidden">
        <span className="inline-block w-14">{rate ?? "–"}</span>
        <Sparkline values={history.map((look) => look.fps)} title={words.lastMinutes} />
      </td>
      <td className="tabular px-3 py-2 whitespace-nowrap max-md:hidden">{bitrate ?? "–"}</td>
      <td className="tabular px-3 py-2 whitespace-nowrap max-md:hidden">
        <Loss loss={figures.loss} />
      </td>
      <td className="tabular px-3 py-2 whitespace-nowrap max-md:hidden">
        <Picture figures={figures} />
      </td>
      <td className="tabular px-3 py-2 whitespace-nowrap max-md:hidden">
        <Clock offsetMs={figures.clockOffsetMs} />
      </td>
      <td className="tabular px-3 py-2 whitespace-nowrap max-md:hidden">
        {lost ? (
          <Link to={`/playback?camera=${camera.id}`} title={words.lookAtGaps} className="text-alarm hover:underline">
            {lost}
          </Link>
        ) : (
          <span className="text-soft">{words.lostSeconds("0")}</span>
        )}
      </td>
    </tr>
  );
}

function Loss({ loss }: { loss: number | null }) {
  if (loss === null) return <span className="text-soft">–</span>;
  const percent = loss * 100;
  const text = words.percent(number(percent, percent > 0 && percent < 10 ? 2 : 0));
  return <span className={percent >= 1 ? "text-alarm" : percent >= 0.1 ? "text-warn" : "text-soft"}>{text}</span>;
}

function Picture({ figures: { camera, pictureAgeMs } }: { figures: Figures }) {
  if (pictureAgeMs === null) return <span className="text-soft">–</span>;
  if (pictureAgeMs < freshMs) return <span>{pageWords.justNow}</span>;
  const old = pageWords.ago(duration(pictureAgeMs));
  return <span className={camera.state === "online" ? "text-alarm" : "text-soft"}>{old}</span>;
}

function Clock({ offsetMs }: { offsetMs: number | null }) {
  if (offsetMs === null) return <span className="text-soft">–</span>;
  const clock = clockWords(offsetMs);
  return <span className={clock.tone === "good" ? "text-soft" : toneText[clock.tone]}>{clock.text}</span>;
}
