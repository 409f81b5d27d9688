import { VideoOff } from "lucide-react";
import type { Camera } from "@/api/types";
import { stateWords } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { PictureAim } from "@/features/ptz/PictureAim";
import { useLivePlayer } from "@/player/useLivePlayer";
import { FoundOverlay, isAnalysed } from "@/tracks/FoundOverlay";
import { useOverPictures } from "@/tracks/shownOverPictures";
import { words } from "./words";

/** What the camera sees now, whole. */
export function CameraVideo({
  camera,
  steers,
  onAimProblem,
}: {
  camera: Camera;
  /** A click into the picture turns the camera there. */
  steers: boolean;
  /** What became of such a click: why it failed, or null. */
  onAimProblem: (message: string | null) => void;
}) {
  const watchable = camera.state !== "disabled" && camera.state !== "unsupported";
  const [over] = useOverPictures();
  const { video, player, state } = useLivePlayer(camera.id, "main", camera.subUrl != null, watchable, false, 0);
  const playing = watchable && state.kind === "playing";
  const boxes = over.boxes && isAnalysed(camera);
  const said = stateWords(camera);
  return (
    <div className="pictures relative aspect-video overflow-hidden rounded-lg bg-black">
      <video
        ref={video}
        data-camera-id={camera.id}
        muted
        playsInline
        autoPlay
        aria-label={words.pictureOf(camera.name)}
        className={cn("size-full object-contain transition-opacity duration-150", !playing && "opacity-30")}
      />
      {playing && (boxes || over.places) && (
        <FoundOverlay camera={camera} video={video} player={player} boxes={boxes} places={over.places} />
      )}
      {!playing && (
        <div className="pointer-events-none absolute inset-0 grid place-content-center justify-items-center gap-2 p-4 text-center">
          <VideoOff className="text-faint size-7 stroke-[1.25]" aria-hidden />
          <p className="text-soft text-[13px]">
            {camera.state === "online" ? words.connecting : [said.text, said.why].filter(Boolean).join(" · ")}
          </p>
        </div>
      )}
      {playing && steers && <PictureAim cameraId={camera.id} video={video} onProblem={onAimProblem} />}
    </div>
  );
}
