import { useState } from "react";
import type { DetectionView } from "@/api/detections";
import { usePictureTicket, withTicket } from "@/api/recordedPictures";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/States";
import { aspectOf } from "@/features/motion/aspect";
import { Marks } from "@/picture/Marks";
import { boxThen, trackOf } from "@/picture/marks";
import { NoPicture, RecordedPicture } from "@/picture/RecordedPicture";
import { Still } from "@/picture/Still";

/** The object alone; where nobody cut it out, what was recorded when it came. Decorative: what it shows is said beside it. */
export function DetectionCrop({ detection, className }: { detection: DetectionView; className?: string }) {
  const may = useMay()("recordings.read");
  const ticket = usePictureTicket(may);
  // Of the ticket that it failed with: the next one is another try.
  const [failedWith, setFailedWith] = useState<string | null>(null);
  const [isShown, setIsShown] = useState(false);
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
      {!isShown && <Skeleton className="absolute inset-0 rounded-none" />}
      {ticket && (
        <img
          src={withTicket(detection.cropUrl, ticket)}
          alt=""
          loading="lazy"
          decoding="async"
          onLoad={() => setIsShown(true)}
          onError={() => setFailedWith(ticket)}
          className={cn("absolute inset-0 size-full object-contain", !isShown && "opacity-0")}
        />
      )}
    </div>
  );
}

/** The whole picture, with the object and the way it went. Decorative: what it shows is said beside it. */
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
  const may = useMay()("recordings.read");
  const aspect = camera ? aspectOf(camera) : 16 / 9;
  const marks = (
    <Marks box={boxThen({ ...detection, boxAtMs: undefined })} track={trackOf(detection.path)} shape={null} />
  );
  const none = (
    <div className={cn("relative overflow-hidden", className)} style={{ aspectRatio: aspect }}>
      {may && exact ? (
        <NoPicture className="absolute inset-0" />
      ) : (
        <>
          <RecordedPicture
            cameraId={detection.cameraId}
            from={detection.at}
            to={detection.endAt ?? detection.at}
            className="absolute inset-0"
          />
          {may && marks}
        </>
      )}
    </div>
  );
  if (!may) return none;
  return (
    <Still
      cameraId={detection.cameraId}
      at={detection.at}
      takenUrl={detection.snapshotUrl}
      makes={exact}
      aspect={aspect}
      alt=""
      none={none}
      marks={() => marks}
      {...(className && { className })}
    />
  );
}
