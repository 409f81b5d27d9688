import { Camera as CameraIcon, Loader, Maximize2, VideoOff } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Camera } from "@/api/types";
import { recordingWords, stateWords, toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { ConvertedMark } from "@/components/ConvertedMark";
import { SoundControl } from "@/components/SoundControl";
import { duration } from "@/components/time";
import { SteerButton, TileSteering, useCanSteer } from "@/features/ptz/TileSteering";
import { savePicture } from "@/picture/savePicture";
import { useZoom } from "@/picture/useZoom";
import { DrawnRectangle, WholePictureButton } from "@/picture/ZoomMarks";
import { transportNames, type PlayerState } from "@/player/playerState";
import { RecordButton } from "./RecordButton";
import { useVisible } from "./useVisible";
import { FoundOverlay, isAnalysed } from "@/tracks/FoundOverlay";
import type { OverPictures } from "@/tracks/shownOverPictures";
import { useLivePlayer } from "@/player/useLivePlayer";
import type { LivePlayer } from "@/player/LivePlayer";
import { words } from "./words";
import { number } from "@/i18n/formats";

/** Over the picture while it is pointed at; on a phone always. */
const tileButton =
  "hover:text-accent pointer-events-auto grid size-8 place-items-center rounded-md bg-black/55 text-white opacity-0 transition-opacity duration-150 group-hover:opacity-100 group-focus-visible:opacity-100 focus-visible:opacity-100 max-md:size-11 max-md:opacity-100";

/** One camera on the wall: the picture, and over it only what helps. */
export function LiveTile({
  camera,
  enlarged,
  wish = "auto",
  onEnlarge,
  heard,
  volume,
  onHear,
  onVolume,
  over,
}: {
  camera: Camera;
  enlarged: boolean;
  /** Which stream a saved layout asks for; `auto`: the small one where there is one, unless the tile is enlarged. */
  wish?: "auto" | "main" | "sub";
  onEnlarge: () => void;
  heard: boolean;
  volume: number;
  onHear: (heard: boolean) => void;
  onVolume: (volume: number) => void;
  over: OverPictures;
}) {
  // Small tiles of a camera that has a sub stream do not pull the large one through the network.
  const small = wish === "auto" ? !enlarged : wish === "sub";
  const stream = small && camera.subUrl ? "sub" : "main";
  const watchable = camera.state !== "disabled" && camera.state !== "unsupported";
  const tile = useRef<HTMLDivElement>(null);
  const visible = useVisible(tile);
  const { video, player, state, source } = useLivePlayer(
    camera.id,
    stream,
    camera.subUrl != null,
    watchable && (visible || heard),
    heard,
    volume,
  );
  const zoom = useZoom(tile);
  const canSteer = useCanSteer(camera, enlarged);
  const [steered, setSteered] = useState(false);
  const hasSound = Boolean(camera.streams.find((s) => s.name === stream)?.audioCodec);
  const noPicture = !watchable || state.kind !== "playing";
  const boxes = over.boxes && isAnalysed(camera);
  const save = () => video.current && void savePicture(video.current, camera.name);
  const onKey = (e: React.KeyboardEvent) => {
    if (e.target !== e.currentTarget) return;
    if (e.key === "Enter") onEnlarge();
    else if (e.key === "+" || e.key === "=") zoom.by(1.5);
    else if (e.key === "-") zoom.by(1 / 1.5);
    else if (e.key === "0" || (e.key === "Escape" && zoom.scale > 1)) zoom.reset();
    else return;
    e.preventDefault();
  };
  /* eslint-disable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex -- buttons are in it, and keys of its own */
  return (
    <div
      ref={tile}
      role="group"
      tabIndex={0}
      aria-label={words.tile(camera.name, stateWords(camera).text)}
      aria-keyshortcuts="Enter"
      data-tile={camera.id}
      onDoubleClick={(e) => !(e.target as Element).closest("button, input") && onEnlarge()}
      onKeyDown={onKey}
      className={cn(
        "group relative min-h-0 min-w-0 overflow-hidden bg-black -outline-offset-2 select-none",
        zoom.scale > 1 ? "cursor-grab touch-none active:cursor-grabbing" : "touch-pan-y",
      )}
    >
      <video
        ref={video}
        data-camera-id={camera.id}
        muted={!heard}
        playsInline
        autoPlay
        style={
          zoom.scale > 1 ? { transform: `translate(${zoom.left}px, ${zoom.top}px) scale(${zoom.scale})` } : undefined
        }
        className={cn(
          "size-full origin-top-left object-contain transition-opacity duration-150",
          noPicture && "opacity-35",
        )}
      />
      {!noPicture && (boxes || over.places) && (
        <FoundOverlay camera={camera} video={video} player={player} zoom={zoom} boxes={boxes} places={over.places} />
      )}
      {noPicture && <NoPicture camera={camera} state={state} watchable={watchable} />}
      <div
        className={cn(
          "pointer-events-none absolute inset-x-0 bottom-0 flex items-end justify-between gap-2 bg-linear-to-t from-black/70 to-transparent px-2.5 pt-6 pb-2 opacity-0 transition-opacity duration-150 group-hover:opacity-100 group-focus-visible:opacity-100 max-md:opacity-100",
          noPicture && "opacity-100", // which camera it is that shows nothing
        )}
      >
        <span className="truncate text-[13px] font-medium drop-shadow">{camera.name}</span>
        <span className={cn("shrink-0 text-[11px] drop-shadow", toneText[recordingWords(camera).tone])}>
          {recordingWords(camera).text}
        </span>
      </div>
      <DrawnRectangle drawn={zoom.drawn} />
      {canSteer && steered && <TileSteering cameraId={camera.id} video={video} aims={!noPicture && zoom.scale === 1} />}
      <div className="pointer-events-none absolute right-2 bottom-9 flex items-center gap-1">
        {canSteer && <SteerButton on={steered} onChange={setSteered} />}
        {camera.state !== "disabled" && <RecordButton camera={camera} />}
        {!noPicture && (
          <button
            type="button"
            data-action="save"
            aria-label={words.savePictureOf(camera.name)}
            title={words.savePicture}
            onClick={save}
            className={tileButton}
          >
            <CameraIcon className="size-4" aria-hidden />
          </button>
        )}
        {!enlarged && (
          <button
            type="button"
            aria-label={words.enlarge(camera.name)}
            title={words.enlargeKey}
            onClick={onEnlarge}
            className={tileButton}
          >
            <Maximize2 className="size-4" aria-hidden />
          </button>
        )}
        {hasSound && (
          <SoundControl camera={camera.name} heard={heard} volume={volume} onHear={onHear} onVolume={onVolume} />
        )}
      </div>
      <div className="absolute top-2 left-2 flex flex-col items-start gap-1">
        {source.converted && !noPicture && (
          <ConvertedMark codec={camera.streams.find((s) => s.name === source.stream)?.codec} />
        )}
        <WholePictureButton scale={zoom.scale} onReset={zoom.reset} />
      </div>
      {state.kind === "playing" && <Corner player={player} state={state} enlarged={enlarged} />}
    </div>
  );
  /* eslint-enable */
}

/**
 * Transport and age of the picture, and why it is not the best transport. The age is written straight into the element: no render while sixteen tiles
 * play.
 */
function Corner({
  player,
  state,
  enlarged,
}: {
  player: React.RefObject<LivePlayer | null>;
  state: Extract<PlayerState, { kind: "playing" }>;
  enlarged: boolean;
}) {
  const text = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      const age = player.current?.pictureAgeMs;
      if (text.current)
        text.current.textContent =
          age == null ? "" : age < 1000 ? words.ageMs(number(age)) : words.ageSeconds(number(age / 1000, 1));
    }, 500);
    return () => clearInterval(timer);
  }, [player]);
  return (
    <div
      data-testid="transport"
      className={cn(
        "tabular text-soft pointer-events-none absolute bottom-9 left-2 rounded bg-black/55 px-1.5 py-0.5 text-[11px] opacity-0 transition-opacity group-hover:opacity-100 group-focus-visible:opacity-100",
        enlarged && "max-md:opacity-100", // nothing hovers there
      )}
    >
      {transportNames[state.transport]}
      {state.way && words.ways[state.way]}
      <span ref={text} />
      {state.reason && <p className="max-w-56 text-balance">{state.reason}</p>}
    </div>
  );
}

function NoPicture({ camera, state, watchable }: { camera: Camera; state: PlayerState; watchable: boolean }) {
  const said = stateWords(camera);
  const now = useNow();
  const bad = camera.state !== "online" && camera.state !== "connecting" && camera.state !== "idle";
  if (!bad && watchable && state.kind === "connecting" && state.attempt === 0)
    return (
      <div className="absolute inset-0 flex items-center justify-center" role="img" aria-label={words.connecting}>
        <Loader className="text-faint size-5 animate-spin" aria-hidden />
      </div>
    );
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-1 p-4 text-center">
      <VideoOff className="text-soft mb-1 size-6 stroke-[1.5]" aria-hidden />
      <p className="font-medium">{bad ? said.text : headline(state)}</p>
      <p className="text-soft max-w-xs text-[13px]">
        {bad
          ? [
              said.why?.replace(/\.$/, ""), // a sentence of the server's, and it goes on here
              camera.stateSince && camera.state !== "disabled"
                ? words.since(duration(now - Date.parse(camera.stateSince)))
                : null,
            ]
              .filter(Boolean)
              .join(", ")
          : "error" in state
            ? state.error.message
            : ""}
      </p>
    </div>
  );
}

function headline(state: PlayerState): string {
  switch (state.kind) {
    case "connecting":
    case "playing":
      return words.connecting;
    case "stalled":
      return words.standsStill;
    case "waiting":
      return words.reconnecting;
    case "failed":
      return words.noPicture;
  }
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
