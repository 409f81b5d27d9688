import { useRef, useState } from "react";
import { aimPtz } from "@/api/ptz";
import { DrawnRectangle } from "@/picture/ZoomMarks";
import type { Drawn } from "@/picture/useZoom";
import type { Point } from "@/picture/zoom";
import { aimOf } from "./aim";
import { words } from "./words";

/** Lies over a picture: a click brings that place into its middle, a box fills it. For keys there is the panel. */
export function PictureAim({
  cameraId,
  video,
  onProblem,
}: {
  cameraId: string;
  /** Shows all of the picture, as large as this. */
  video: React.RefObject<HTMLVideoElement | null>;
  /** Why the camera did not turn; null once it did. */
  onProblem: (message: string | null) => void;
}) {
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const from = useRef<Point | null>(null);
  const place = (e: React.PointerEvent): Point => {
    const box = e.currentTarget.getBoundingClientRect();
    return { x: e.clientX - box.left, y: e.clientY - box.top };
  };
  const end = (e: React.PointerEvent) => {
    const begun = from.current;
    from.current = null;
    setDrawn(null);
    const { videoWidth, videoHeight } = video.current ?? {};
    if (!begun || !videoWidth || !videoHeight) return;
    const size = { width: e.currentTarget.clientWidth, height: e.currentTarget.clientHeight };
    const aim = aimOf(begun, place(e), size, videoWidth / videoHeight);
    if (aim)
      aimPtz(cameraId, aim).then(
        () => onProblem(null),
        (e: unknown) => onProblem(e instanceof Error ? e.message : String(e)),
      );
  };
  return (
    <div
      data-own-gestures
      data-testid="aim"
      title={words.aim}
      className="absolute inset-0 cursor-crosshair touch-none"
      onPointerDown={(e) => {
        if (e.button !== 0) return;
        e.currentTarget.setPointerCapture(e.pointerId);
        from.current = place(e);
      }}
      onPointerMove={(e) => from.current && setDrawn({ from: from.current, to: place(e) })}
      onPointerUp={end}
      onPointerCancel={() => {
        from.current = null;
        setDrawn(null);
      }}
      onDoubleClick={(e) => e.stopPropagation()}
    >
      <DrawnRectangle drawn={drawn} />
    </div>
  );
}
