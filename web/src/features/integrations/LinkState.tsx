import { TriangleAlert } from "lucide-react";
import { cn } from "@/components/cn";
import { toneDot, toneText, type Tone } from "@/components/cameraWords";
import { duration } from "@/components/time";
import { useNow } from "@/components/useNow";
import { When } from "@/components/When";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** How a connection is, since when, why not, and how much went over it. */
export function LinkState({
  shown: { text, tone },
  state,
  since,
  error,
  sent,
  refused = 0,
  refusal = null,
  address,
  isLasting = true,
}: {
  shown: { text: string; tone: Tone };
  state: string;
  since: string;
  error: string | null;
  sent: number;
  /** So many messages the service did not take; they were left out. */
  refused?: number;
  /** Why it did not take the last of them. */
  refusal?: string | null;
  /** Of the service; empty while there is none. */
  address: string;
  /** It is a state that goes on, not the outcome of a moment. */
  isLasting?: boolean;
}) {
  return (
    <div className="grid gap-x-6 gap-y-1 px-4 py-3 text-[13px] md:grid-cols-[minmax(0,1fr)_auto] md:px-5">
      <p className={cn("flex min-w-0 items-center gap-2", toneText[tone])}>
        <span className={cn("size-2 shrink-0 rounded-full", toneDot[tone])} aria-hidden />
        <span className="min-w-0 break-words">
          {text}
          {address && state !== "off" && ` · ${address}`}
        </span>
      </p>
      <p className="text-soft tabular md:text-right">
        {state !== "off" && (
          <>
            {isLasting ? <Since at={since} /> : <When at={since} />}
            {sent > 0 && ` · ${words.sent(number(sent))}`}
          </>
        )}
      </p>
      {error && state !== "off" && (
        <p className="text-soft text-pretty break-words md:col-span-2">{words.why(error)}</p>
      )}
      {refused > 0 && state !== "off" && (
        <p className="text-warn flex gap-2 text-pretty md:col-span-2">
          <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          <span className="min-w-0 break-words">
            {words.refused(refused, number(refused))}
            {refusal && ` ${words.refusal(refusal)}`}
          </span>
        </p>
      )}
    </div>
  );
}

/** For how long; the beginning on hover. */
function Since({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={at}>
      {words.since(duration(now - Date.parse(at)))}
    </time>
  );
}
