import { useAnalysis, type Analysis } from "@/api/analytics";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { toneDot, toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { When } from "@/components/When";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { isAnalysed } from "@/tracks/FoundOverlay";
import { words } from "./words";

type Tone = keyof typeof toneDot;

/** How the analysis of the camera goes, and what to do where it does not. */
export function AnalysisState({ camera }: { camera: Camera }) {
  const asks = isAnalysed(camera);
  const { data, isError } = useAnalysis(camera.id, useMay()("system.read") && asks);
  const known = isError ? undefined : data;
  const analysis = known?.analysis ?? null;
  const { tone, text, what } = saidOf(camera, known?.available === false, analysis);
  return (
    <div role="status" className="min-w-0">
      <p className="flex items-center gap-2">
        <span className={cn("size-2 shrink-0 rounded-full", toneDot[tone])} aria-hidden />
        <span className={toneText[tone]}>{text}</span>
      </p>
      {what && <p className="text-soft mt-1 text-[13px] text-pretty">{what}</p>}
      {analysis?.leftOutUntil && (
        <p className="text-soft mt-1 text-[13px]">
          {words.triedAgain} <When at={analysis.leftOutUntil} />
        </p>
      )}
      {analysis?.state === "draining" && analysis.picturesPerSecond !== null && (
        <p className="text-faint tabular mt-1 text-[13px]">
          {words.rates(
            number(analysis.picturesPerSecond, 1),
            number(analysis.wantedPerSecond ?? analysis.picturesPerSecond, 1),
            analysis.objects ?? 0,
          )}
        </p>
      )}
    </div>
  );
}

/** In words; what cannot be asked is said by the camera's own state. */
export function saidOf(
  camera: Camera,
  away: boolean,
  analysis: Analysis | null,
): { tone: Tone; text: string; what: string | undefined } {
  const { states } = words;
  if (!camera.analytics.enabled) return { tone: "soft", text: states.off, what: words.todo.off };
  if (camera.analytics.source === "camera") return { tone: "soft", text: states.byCamera, what: words.todo.byCamera };
  if (!camera.enabled) return { tone: "soft", text: states.off, what: words.todo.cameraOff };
  if (away) return { tone: "alarm", text: states.away, what: words.todo.away };
  const state = analysis?.state ?? camera.analytics.state;
  const reason = wordFor(words.todo, analysis?.reason);
  if (state === "leftOut") return { tone: "alarm", text: states.leftOut, what: reason ?? words.todo.decoderCrashed };
  if (analysis?.reason)
    return { tone: "warn", text: wordFor(states, analysis.reason) ?? states.draining, what: reason };
  if (state === "draining") return { tone: "good", text: states.draining, what: undefined };
  return { tone: "soft", text: states.waiting, what: camera.state === "online" ? undefined : words.todo.waiting };
}
