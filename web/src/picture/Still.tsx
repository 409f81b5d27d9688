import { useState, type ReactNode } from "react";
import { exactPictureUrl, usePictureTicket, withTicket } from "@/api/recordedPictures";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/States";

/** Pixels of a picture that is made when it is asked for. */
const width = 960;

/** Where the picture comes from. */
export type StillSource = "taken" | "made";

/**
 * The picture of a moment: the still that was taken, else the picture of that very time, made of what is recorded. What failed with a ticket that had run out is tried
 * again with the next one.
 */
export function Still({
  cameraId,
  at,
  takenUrl,
  makes = true,
  aspect = 16 / 9,
  alt,
  none,
  marks,
  caption,
  className,
}: {
  cameraId: string;
  at: string;
  /** Null: none was taken. */
  takenUrl: string | null;
  /** Where there is none, the server makes one: that is work for it. */
  makes?: boolean;
  /** Width by height, as far as it is known before the picture is there. */
  aspect?: number;
  /** Empty: what it shows is said beside it. */
  alt: string;
  /** In its place where there is no picture. */
  none: ReactNode;
  /** Over the picture. */
  marks: (source: StillSource) => ReactNode;
  caption?: (source: StillSource) => string;
  className?: string;
}) {
  const ticket = usePictureTicket();
  const sources: StillSource[] = [...(takenUrl ? (["taken"] as const) : []), ...(makes ? (["made"] as const) : [])];
  const [failed, setFailed] = useState<readonly StillSource[]>([]);
  /** Of the picture that is there; null: none is yet. */
  const [ownAspect, setOwnAspect] = useState<number | null>(null);
  const [triedWith, setTriedWith] = useState(ticket);
  const [tried, setTried] = useState(takenUrl);
  if (triedWith !== ticket) {
    setTriedWith(ticket);
    if (ownAspect === null) setFailed([]);
  }
  // A still may be taken after its event is shown.
  if (tried !== takenUrl) {
    setTried(takenUrl);
    setFailed(failed.filter((s) => s !== "taken"));
  }
  const source = sources.find((s) => !failed.includes(s));
  if (source === undefined) return none;
  const url =
    ticket &&
    (source === "taken" ? withTicket(takenUrl!, ticket) : exactPictureUrl(cameraId, Date.parse(at), ticket, width));
  const isShown = url !== null && ownAspect !== null;
  const picture = (
    <div
      className={cn("pictures relative overflow-hidden bg-black", className)}
      style={{ aspectRatio: ownAspect ?? aspect }}
    >
      {!isShown && <Skeleton className="absolute inset-0 rounded-none" />}
      {url && (
        <img
          src={url}
          alt={alt}
          loading="lazy"
          decoding="async"
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            setOwnAspect(naturalWidth && naturalHeight ? naturalWidth / naturalHeight : aspect)
          }
          onError={() => {
            setOwnAspect(null);
            setFailed([...failed, source]);
          }}
          className={cn("absolute inset-0 size-full", !isShown && "opacity-0")}
        />
      )}
      {isShown && marks(source)}
    </div>
  );
  // Without words under it, it is laid out as it is told, not as what has it.
  if (!caption) return picture;
  return (
    <figure>
      {picture}
      <figcaption className="text-faint mt-1.5 text-[12px]">{caption(source)}</figcaption>
    </figure>
  );
}
