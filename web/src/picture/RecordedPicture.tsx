import { Lock, VideoOff } from "lucide-react";
import { useEffect, useState } from "react";
import { exactPictureUrl, previewUrl, usePictureTicket } from "@/api/recordedPictures";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/States";
import { words } from "./words";

/** A service that restarts, or has much to do, answers a moment later. */
const retryAfter = 3_000;

/** A small picture of the past: the first one of a stretch of time. Decorative: what it shows is said beside it. */
export function RecordedPicture({
  cameraId,
  from,
  to,
  exactAt,
  className,
}: {
  cameraId: string;
  from: string;
  to: string;
  /** The picture of this time itself, Unix milliseconds, instead of the nearest one that is stored. */
  exactAt?: number;
  className?: string;
}) {
  const may = useMay()("recordings.read");
  const ticket = usePictureTicket(may);
  const [tries, setTries] = useState(0);
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  // What failed with a ticket that had run out is tried again with the next one.
  const [triedWith, setTriedWith] = useState(ticket);
  if (triedWith !== ticket) {
    setTriedWith(ticket);
    if (state === "failed") setState("loading");
  }
  useEffect(() => {
    if (state !== "failed" || tries > 0) return;
    const timer = setTimeout(() => {
      setTries(1);
      setState("loading");
    }, retryAfter);
    return () => clearTimeout(timer);
  }, [state, tries]);
  // A mark of a moment may lie in the last second of what was recorded.
  const within = Math.max(10_000, Date.parse(to) - Date.parse(from));
  return (
    <div className={cn("pictures relative overflow-hidden bg-black", className)}>
      {!may ? (
        <div
          className="text-faint bg-raised absolute inset-0 grid place-items-center"
          title={words.mayNotLook}
          aria-hidden
        >
          <Lock className="size-5 max-w-1/2 stroke-[1.5]" />
        </div>
      ) : state === "failed" ? (
        <NoPicture className="absolute inset-0" />
      ) : (
        ticket !== null && (
          <img
            key={tries}
            src={
              exactAt === undefined
                ? previewUrl(cameraId, Date.parse(from), within, ticket)
                : exactPictureUrl(cameraId, exactAt, ticket)
            }
            alt=""
            loading="lazy"
            decoding="async"
            onLoad={() => setState("shown")}
            onError={() => setState("failed")}
            className={cn(
              "absolute inset-0 size-full object-cover transition-opacity",
              state === "loading" && "opacity-0",
            )}
          />
        )
      )}
      {may && state === "loading" && <Skeleton className="absolute inset-0 rounded-none" />}
    </div>
  );
}

/** In its place where there is none. */
export function NoPicture({ className }: { className?: string }) {
  return (
    <div className={cn("pictures text-faint bg-raised grid place-items-center", className)} title={words.noPictureThen}>
      <VideoOff className="size-5 max-w-1/2 stroke-[1.5]" aria-hidden />
    </div>
  );
}
