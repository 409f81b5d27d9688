import { Joystick as JoystickIcon } from "lucide-react";
import { useState, type RefObject } from "react";
import { useDevice } from "@/api/device";
import type { Camera } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { cn } from "@/components/cn";
import { PictureAim } from "./PictureAim";
import { PtzPanel } from "./PtzPanel";
import { words } from "./words";

/** Whether this account can steer the camera of a tile. Only of one that is large: sixteen are not asked. */
export function useCanSteer(camera: Camera, enlarged: boolean): boolean {
  const may = useMayFor()("ptz.control", camera);
  const device = useDevice(camera.id, enlarged && may);
  return enlarged && may && (device.data?.can.ptz ?? false);
}

/** Over a tile while its camera is steered: clicks into the picture, and the panel; on a phone that is below the picture. */
export function TileSteering({
  cameraId,
  video,
  aims,
}: {
  cameraId: string;
  video: RefObject<HTMLVideoElement | null>;
  /** All of the picture is seen: a click is a place of it. */
  aims: boolean;
}) {
  const [error, setError] = useState<string | null>(null);
  return (
    <>
      {aims && <PictureAim cameraId={cameraId} video={video} onProblem={setError} />}
      <div className="pictures absolute right-2 bottom-20 z-10 w-[34rem] max-w-[calc(100%-1rem)] max-md:fixed max-md:inset-x-0 max-md:bottom-28 max-md:w-auto max-md:max-w-none">
        {error && (
          <p role="alert" className="bg-panel text-warn mb-2 rounded-md border px-3 py-2 text-[13px]">
            {error}
          </p>
        )}
        <PtzPanel cameraId={cameraId} focused className="bg-panel/90 shadow-2xl max-md:rounded-none" />
      </div>
    </>
  );
}

/** Beside the other buttons of a tile. */
export function SteerButton({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  const label = on ? words.steerOff : words.steer;
  return (
    <button
      type="button"
      data-action="steer"
      aria-pressed={on}
      aria-label={label}
      title={label}
      onClick={() => onChange(!on)}
      className={cn(
        "hover:text-accent pointer-events-auto grid size-8 place-items-center rounded-md bg-black/55 text-white opacity-0 transition-opacity duration-150 group-hover:opacity-100 group-focus-visible:opacity-100 focus-visible:opacity-100 max-md:size-11 max-md:opacity-100",
        on && "text-accent opacity-100",
      )}
    >
      <JoystickIcon className="size-4" aria-hidden />
    </button>
  );
}
