import { Lock, VideoOff } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import type { EventView } from "@/api/events";
import { previewUrl, usePictureTicket, withTicket } from "@/api/recordedPictures";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/States";
import { EventIcon } from "@/events/EventIcon";
import { pictureOf, type PictureKind } from "./eventPicture";
import { words } from "./words";

/** What is recorded of a moment may be there a moment later. */
const retryAfter = 3_000;
/** Of an event that is older than this, nothing more comes. */
const freshMs = 60_000;
/** A small picture is stored for so much of a recording. */
const within = 10_000;

/** What an event looked like: its still, the object alone, or what was recorded then. Decorative: what it shows is said beside it. */
export function EventPicture({ event, className }: { event: EventView; className?: string }) {
  const kind = pictureOf(event);
  return (
    <div className={cn("pictures relative overflow-hidden bg-black", className)}>
      {kind === "none" ? (
        <Nothing icon={<EventIcon type={event.type} />} />
      ) : (
        // Another picture is another try.
        <Loaded key={`${kind} ${event.id} ${event.at}`} event={event} kind={kind} />
      )}
    </div>
  );
}

function Loaded({ event, kind }: { event: EventView; kind: Exclude<PictureKind, "none"> }) {
  const mayLook = useMay()("recordings.read");
  const ticket = usePictureTicket(mayLook);
  // The still may be gone with its disk: what was recorded may not.
  const [lost, setLost] = useState(false);
  const [tries, setTries] = useState(0);
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  // What failed with a ticket that had run out is tried again with the next one.
  const [triedWith, setTriedWith] = useState(ticket);
  if (triedWith !== ticket) {
    setTriedWith(ticket);
    setLost(false);
    if (state === "failed") setState("loading");
  }
  const recorded = kind === "recorded" || lost;
  useEffect(() => {
    if (state !== "failed" || !recorded || Date.now() - Date.parse(event.at) > freshMs) return;
    const timer = setTimeout(() => {
      setTries((n) => n + 1);
      setState("loading");
    }, retryAfter);
    return () => clearTimeout(timer);
  }, [state, recorded, event.at]);
  if (!mayLook) return <Nothing icon={<Lock aria-hidden />} why={words.mayNotLook} />;
  if (state === "failed") return <Nothing icon={<VideoOff aria-hidden />} why={words.nothingRecorded} />;
  const url = ticket && urlOf(event, recorded ? "recorded" : kind, ticket);
  const picture = url && (
    <img
      key={`${url} ${tries}`}
      src={url}
      alt=""
      loading="lazy"
      decoding="async"
      onLoad={() => setState("shown")}
      onError={() => (recorded ? setState("failed") : setLost(true))}
      className={cn(
        "absolute inset-0 size-full transition-opacity",
        kind === "crop" && !recorded ? "object-contain" : "object-cover",
        state === "loading" && "opacity-0",
      )}
    />
  );
  return (
    <>
      {kind === "crop" && !recorded && url && state === "shown" && (
        <img src={url} alt="" className="absolute inset-0 size-full scale-125 object-cover opacity-40 blur-md" />
      )}
      {picture}
      {state === "loading" && <Skeleton className="absolute inset-0 rounded-none" />}
    </>
  );
}

function urlOf(event: EventView, kind: Exclude<PictureKind, "none">, ticket: string): string {
  switch (kind) {
    case "still":
      return withTicket(event.snapshotUrl!, ticket);
    case "crop":
      return withTicket(event.cropUrl!, ticket);
    case "recorded":
      return previewUrl(event.cameraId!, Date.parse(event.at), within, ticket);
  }
}

/** In its place where there is none, with the reason. */
function Nothing({ icon, why }: { icon: ReactNode; why?: string }) {
  return (
    <div className="text-faint bg-raised absolute inset-0 flex flex-col items-center justify-center gap-1.5 p-2 text-center [&_svg]:size-6 [&_svg]:stroke-[1.5]">
      {icon}
      {why && <span className="line-clamp-2 text-[11px] leading-tight">{why}</span>}
    </div>
  );
}
