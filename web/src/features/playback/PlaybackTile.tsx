import { Camera as CameraIcon, Loader, VideoOff } from "lucide-react";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import type { Camera } from "@/api/types";
import { cn } from "@/components/cn";
import { ConvertedMark } from "@/components/ConvertedMark";
import { SoundControl } from "@/components/SoundControl";
import { Button } from "@/components/ui/Button";
import { savePicture } from "@/picture/savePicture";
import { useZoom } from "@/picture/useZoom";
import { DrawnRectangle, WholePictureButton } from "@/picture/ZoomMarks";
import type { PlaybackGroup } from "@/player/PlaybackGroup";
import { PlaybackPlayer, type PlaybackState } from "@/player/PlaybackPlayer";
import type { Cell } from "@/timeline/cell";
import { gapAt, type Footage, type Span } from "@/timeline/footage";
import type { PreviewPlace } from "@/timeline/preview";
import { ownArchive, type Archive } from "./archive";
import { nothingWords } from "./nothingWords";
import { SoughtPicture } from "./SoughtPicture";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** One camera of the archive: its picture, or why there is none. */
export function PlaybackTile({
  camera,
  group,
  sought,
  footage,
  previewUrl,
  several,
  active,
  onActive,
  onFootage,
  missing,
  heard,
  volume,
  onHear,
  onVolume,
  overlay,
  archive = ownArchive,
}: {
  camera: Pick<Camera, "id" | "name" | "streams">;
  group: PlaybackGroup;
  /** The newest place that was sought. */
  sought: Cell<number | null>;
  footage: Footage;
  previewUrl: (cameraId: string, place: PreviewPlace) => string | null;
  several: boolean;
  active: boolean;
  onActive: () => void;
  onFootage: (direction: 1 | -1) => void;
  /** What can be done about a gap. */
  missing?: (gap: Span | null) => ReactNode;
  heard: boolean;
  volume: number;
  onHear: (heard: boolean) => void;
  onVolume: (volume: number) => void;
  /** Over the picture, and magnified with it. */
  overlay?: ReactNode;
  /** The same one as long as it is shown. */
  archive?: Archive;
}) {
  const tile = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const single = useRef<HTMLCanvasElement>(null);
  const player = useRef<PlaybackPlayer>(null);
  const [state, setState] = useState<PlaybackState>({ kind: "empty" });
  const [hasSound, setHasSound] = useState(false);
  /** How pictures come backwards, fast and by steps; null before the first. */
  const [pictures, setPictures] = useState<"samples" | "seeks" | null>(null);
  const zoom = useZoom(tile);
  const { id, name } = camera;
  const [fps] = useState(() => camera.streams.find((s) => s.name === "main")?.fps || 25);

  useEffect(() => {
    if (!video.current || !single.current) return;
    const playing = new PlaybackPlayer(
      video.current,
      {
        playlist: (from, to, converted) => archive.playlist(id, from, to, converted),
        onState: setState,
        onSound: setHasSound,
        fps,
        still: still.current,
        canvas: single.current,
        samples: () => archive.samples(id),
        onPictures: setPictures,
      },
      group.at,
    );
    player.current = playing;
    const leave = group.add(id, playing);
    return () => {
      leave();
      playing.close();
      player.current = null;
    };
  }, [group, id, fps, archive]);
  useEffect(() => player.current?.hear(heard, volume), [group, id, fps, archive, heard, volume]);

  const isBusy = useCallback(() => player.current?.busy ?? false, []);
  const save = async () => {
    const at = new Date(group.at);
    if (player.current) await savePicture(await player.current.picture(), name, at);
  };
  const onKey = (e: React.KeyboardEvent) => {
    if (e.target !== e.currentTarget) return;
    if (e.key === "0" || (e.key === "Escape" && zoom.scale > 1)) zoom.reset();
    else if (e.key === "Enter") onActive();
    else return;
    e.preventDefault();
  };
  const transform =
    zoom.scale > 1 ? { transform: `translate(${zoom.left}px, ${zoom.top}px) scale(${zoom.scale})` } : undefined;
  const picture = "absolute inset-0 size-full origin-top-left object-contain";

  /* eslint-disable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex -- buttons are in it, and keys of its own */
  return (
    <div
      ref={tile}
      role="group"
      tabIndex={0}
      aria-label={name}
      aria-current={several && active}
      data-active={active}
      data-pictures={pictures}
      onPointerDown={onActive}
      onKeyDown={onKey}
      className={cn(
        "group relative min-h-0 min-w-0 cursor-default overflow-hidden bg-black -outline-offset-2 select-none",
        zoom.scale > 1 ? "cursor-grab touch-none active:cursor-grabbing" : "touch-pan-y",
        several &&
          active &&
          "after:border-accent/80 after:pointer-events-none after:absolute after:inset-0 after:border",
      )}
    >
      <canvas ref={still} aria-hidden style={transform} className={cn(picture, state.kind === "nothing" && "hidden")} />
      <video
        ref={video}
        data-camera-id={id}
        data-state={state.kind}
        muted
        playsInline
        style={transform}
        className={cn(picture, state.kind === "nothing" && "invisible")}
      />
      <canvas ref={single} aria-hidden data-camera-id={id} style={transform} className={picture} />
      {state.kind !== "nothing" && state.kind !== "failed" && (
        <SoughtPicture
          cameraId={id}
          sought={sought}
          isBusy={isBusy}
          footage={footage}
          previewUrl={previewUrl}
          className={picture}
          style={transform}
        />
      )}
      {state.kind === "nothing" && (
        <Nothing {...nothingWords(footage, state.at)} several={several} onFootage={onFootage}>
          {missing?.(gapAt(footage.losses, state.at))}
        </Nothing>
      )}
      {state.kind === "failed" && <Failed message={state.message} onRetry={() => player.current?.retry()} />}
      <LoadingMark loading={state.kind === "loading" || state.kind === "empty"} />
      <DrawnRectangle drawn={zoom.drawn} />
      {overlay && (
        <div className="pointer-events-none absolute inset-0 origin-top-left" style={transform}>
          {overlay}
        </div>
      )}
      <div className="absolute top-2 left-2 flex flex-col items-start gap-1">
        {several && (
          <span className="rounded bg-black/55 px-1.5 py-0.5 text-[12px] font-medium text-white">{name}</span>
        )}
        {state.kind === "ready" && state.convertedFrom !== null && <ConvertedMark codec={state.convertedFrom} />}
        <WholePictureButton scale={zoom.scale} onReset={zoom.reset} />
      </div>
      {state.kind === "ready" && (
        <div className="pointer-events-none absolute right-2 bottom-2 flex items-center gap-1">
          <button
            type="button"
            data-action="save"
            aria-label={words.savePictureOf(name)}
            title={words.savePicture}
            onClick={() => void save()}
            className="hover:text-accent pointer-events-auto grid size-8 place-items-center rounded-md bg-black/55 text-white opacity-0 transition-opacity duration-150 group-hover:opacity-100 group-focus-visible:opacity-100 focus-visible:opacity-100 max-md:size-11 max-md:opacity-100"
          >
            <CameraIcon className="size-4" aria-hidden />
          </button>
          {hasSound && <SoundControl camera={name} heard={heard} volume={volume} onHear={onHear} onVolume={onVolume} />}
        </div>
      )}
    </div>
  );
  /* eslint-enable */
}

/** Only when it takes long enough to be noticed. */
function LoadingMark({ loading }: { loading: boolean }) {
  return (
    <div
      aria-hidden={!loading}
      role="img"
      aria-label={pageWords.loading}
      className={cn(
        "pointer-events-none absolute inset-0 grid place-items-center transition-opacity",
        loading ? "opacity-100 delay-700 duration-150" : "opacity-0 duration-0",
      )}
    >
      <Loader className={cn("text-soft size-5", loading && "animate-spin")} aria-hidden />
    </div>
  );
}

function Nothing({
  title,
  detail,
  several,
  onFootage,
  children,
}: {
  title: string;
  detail: string;
  several: boolean;
  onFootage: (direction: 1 | -1) => void;
  /** What can be done about it. */
  children?: ReactNode;
}) {
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-1.5 p-4 text-center">
      <VideoOff className="text-soft mb-1 size-6 stroke-[1.5]" aria-hidden />
      <p className="font-medium">{title}</p>
      <p className="tabular text-soft max-w-sm text-[13px]">{detail}</p>
      <div className="mt-2 flex flex-wrap justify-center gap-2">
        {!several && (
          <>
            <Button size="sm" className="max-md:h-11" onClick={() => onFootage(-1)}>
              {words.videoBefore}
            </Button>
            <Button size="sm" className="max-md:h-11" onClick={() => onFootage(1)}>
              {words.videoAfter}
            </Button>
          </>
        )}
        {children}
      </div>
    </div>
  );
}

function Failed({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <div
      role="alert"
      className="absolute inset-0 flex flex-col items-center justify-center gap-1.5 bg-black/60 p-4 text-center"
    >
      <p className="font-medium">{words.notLoaded}</p>
      <p className="text-soft max-w-sm text-[13px]">{message}</p>
      <Button size="sm" className="mt-2 max-md:h-11" onClick={onRetry}>
        {words.tryAgain}
      </Button>
    </div>
  );
}
