import { useState } from "react";
import type { DetectionView } from "@/api/detections";
import { exactPictureUrl, usePictureTicket } from "@/api/recordedPictures";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/States";
import { aspectOf } from "@/features/motion/aspect";
import { NoPicture, RecordedPicture } from "@/picture/RecordedPicture";
import { wayAsPath, wayOf } from "./detection";

const ofTicket = (url: string, ticket: string) => `${url}&ticket=${encodeURIComponent(ticket)}`;

/** The object alone; where nobody cut it out, what was recorded when it came. Decorative: what it shows is said beside it. */
export function DetectionCrop({ detection, className }: { detection: DetectionView; className?: string }) {
  const may = useMay()("recordings.read");
  const ticket = usePictureTicket(may);
  // Of the ticket that it failed with: the next one is another try.
  const [failedWith, setFailedWith] = useState<string | null>(null);
  if (!detection.cropUrl || !may || (failedWith !== null && failedWith === ticket))
    return (
      <RecordedPicture
        cameraId={detection.cameraId}
        from={detection.at}
        to={detection.endAt ?? detection.at}
        {...(className && { className })}
      />
    );
  return (
    <div className={cn("pictures relative overflow-hidden bg-black", className)}>
      {ticket ? (
        <img
          src={ofTicket(detection.cropUrl, ticket)}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setFailedWith(ticket)}
          className="absolute inset-0 size-full object-contain"
        />
      ) : (
        <Skeleton className="absolute inset-0 rounded-none" />
      )}
    </div>
  );
}

/** The whole picture, with the object and the way it went. */
export function DetectionStill({
  detection,
  camera,
  exact = false,
  className,
}: {
  detection: DetectionView;
  /** Undefined: it is gone, and so are its recordings. */
  camera: Camera | undefined;
  /** The very picture of that time, made when it is asked for, where no still was taken. */
  exact?: boolean;
  className?: string;
}) {
  const ticket = usePictureTicket(useMay()("recordings.read"));
  const [failed, setFailed] = useState(false);
  const way = wayOf(detection);
  const at = Date.parse(detection.at);
  const still = detection.snapshotUrl
    ? ticket && ofTicket(detection.snapshotUrl, ticket)
    : exact && ticket && exactPictureUrl(detection.cameraId, at, ticket);
  return (
    <div
      className={cn("pictures relative overflow-hidden bg-black", className)}
      style={{ aspectRatio: camera ? aspectOf(camera) : 16 / 9 }}
    >
      {still && !failed ? (
        <img
          src={still}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setFailed(true)}
          className="absolute inset-0 size-full"
        />
      ) : failed && exact ? (
        <NoPicture className="absolute inset-0" />
      ) : (
        <RecordedPicture
          cameraId={detection.cameraId}
          from={detection.at}
          to={detection.endAt ?? detection.at}
          className="absolute inset-0"
        />
      )}
      <svg aria-hidden className="absolute inset-0 size-full" preserveAspectRatio="none" viewBox="0 0 100 100">
        {detection.box && <Box box={detection.box} />}
        {way.length > 1 && (
          <>
            <path
              d={wayAsPath(way)}
              className="fill-none stroke-black/60"
              strokeWidth={4}
              vectorEffect="non-scaling-stroke"
            />
            <path
              d={wayAsPath(way)}
              data-way
              className="stroke-accent fill-none"
              strokeWidth={2}
              strokeLinecap="round"
              strokeLinejoin="round"
              vectorEffect="non-scaling-stroke"
            />
          </>
        )}
      </svg>
      {way.length > 1 && <WayEnd place={way.at(-1)!} />}
    </div>
  );
}

function Box({ box: [x, y, width, height] }: { box: readonly number[] }) {
  return (
    <rect
      x={x! * 100}
      y={y! * 100}
      width={width! * 100}
      height={height! * 100}
      className="stroke-good fill-none"
      strokeWidth={2}
      vectorEffect="non-scaling-stroke"
    />
  );
}

/** Round whatever the picture's shape. */
function WayEnd({ place: [x, y] }: { place: readonly [number, number] }) {
  return (
    <span
      aria-hidden
      className="bg-accent absolute size-2.5 -translate-1/2 rounded-full border border-black/60"
      style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
    />
  );
}
