import { useEffect, useState, type CSSProperties } from "react";
import { usePicture } from "@/picture/usePicture";
import type { Cell } from "@/timeline/cell";
import type { Footage } from "@/timeline/footage";
import { previewPlace, type PreviewPlace } from "@/timeline/preview";
import { second } from "@/timeline/scale";

/** The video is often there within this; until then a smaller picture would only flicker. */
const lateMs = 120;
/** After the video has shown itself for so long, nothing is on its way any more. */
const settledMs = 400;
/** One picture for so much of a recording, as the server keeps them. */
const step = 5 * second;

/** What is sought shows itself as a small picture until the video of it is there. */
export function SoughtPicture({
  cameraId,
  sought,
  isBusy,
  footage,
  previewUrl,
  className,
  style,
}: {
  cameraId: string;
  sought: Cell<number | null>;
  /** The video of the sought place is on its way. */
  isBusy: () => boolean;
  footage: Footage;
  previewUrl: (cameraId: string, place: PreviewPlace) => string | null;
  className: string;
  style: CSSProperties | undefined;
}) {
  const { at, late } = useSought(sought, isBusy);
  const place = at === null ? null : previewPlace(footage, at, step);
  const { shown } = usePicture(place && previewUrl(cameraId, place));
  if (!late || place === null || shown === null) return null;
  return <img src={shown} alt="" data-sought draggable={false} className={className} style={style} />;
}

/** The place that is sought, on a grid of pictures, and whether the video is late; null when nothing is. */
function useSought(sought: Cell<number | null>, isBusy: () => boolean) {
  const [at, setAt] = useState<number | null>(null);
  const [late, setLate] = useState(false);
  useEffect(() => {
    let frame = 0;
    let busySince = 0;
    let idleSince = 0;
    const look = (now: number) => {
      if (isBusy()) {
        busySince ||= now;
        idleSince = 0;
      } else {
        busySince = 0;
        idleSince ||= now;
      }
      setLate(busySince !== 0 && now - busySince > lateMs);
      if (idleSince !== 0 && now - idleSince > settledMs) {
        frame = 0;
        setAt(null);
      } else frame = requestAnimationFrame(look);
    };
    const stop = sought.subscribe(() => {
      const { value } = sought;
      setAt(value === null ? null : Math.floor(value / second) * second);
      idleSince = 0;
      if (frame === 0) {
        busySince = 0;
        frame = requestAnimationFrame(look);
      }
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [sought, isBusy]);
  return { at, late };
}
