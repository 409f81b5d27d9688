import { Check, Minus, Pentagon, Redo2, SquareDashed, Undo2, X, type LucideIcon } from "lucide-react";
import { useEffect, useState } from "react";
import type { Camera } from "@/api/types";
import { CameraPicture } from "@/components/CameraPicture";
import { stateWords } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { useLivePlayer } from "@/player/useLivePlayer";
import { FoundOverlay, isAnalysed } from "@/tracks/FoundOverlay";
import { atMost, formOf, isDrawn, kinds, startingSpots, type Kind, type Shape } from "./draft";
import type { Spot } from "./geometry";
import { ShapeLayer } from "./ShapeLayer";
import { words } from "./words";

const icons: Record<Kind, LucideIcon> = { zone: Pentagon, line: Minus, mask: SquareDashed };
const iconColours: Record<Kind, string> = { zone: "text-zone", line: "text-crossing", mask: "text-mask" };

/** The picture that is looked at, live, with what is found in it, and the shapes that are drawn over it. */
export function Stage({
  camera,
  shapes,
  selectedId,
  stream,
  leastHeight,
  disabled,
  canUndo,
  canRedo,
  onUndo,
  onRedo,
  onSelect,
  onSpots,
  onRemove,
  onAdd,
}: {
  camera: Camera;
  shapes: readonly Shape[];
  selectedId: string | null;
  /** The one that is analysed: another may show another part. */
  stream: "main" | "sub";
  leastHeight: number | null;
  /** It is looked at alone. */
  disabled: boolean;
  canUndo: boolean;
  canRedo: boolean;
  onUndo: () => void;
  onRedo: () => void;
  onSelect: (id: string | null) => void;
  onSpots: (shape: Shape, spots: Spot[], what: string | null) => void;
  onRemove: (shape: Shape) => void;
  onAdd: (kind: Kind, spots: Spot[]) => void;
}) {
  const [drawing, setDrawing] = useState<{ kind: Kind; spots: readonly Spot[] } | null>(null);
  const add = (kind: Kind, spots: Spot[]) => {
    setDrawing(null);
    onAdd(kind, spots);
  };
  const isDrawing = drawing !== null;
  useEffect(() => {
    if (!isDrawing) return;
    const onKey = (e: KeyboardEvent) => e.key === "Escape" && setDrawing(null);
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [isDrawing]);
  const count = (kind: Kind) => shapes.filter((s) => s.kind === kind).length;
  return (
    <section aria-label={words.picture}>
      <div className="mb-2 flex min-h-11 flex-wrap items-center gap-1.5" role="toolbar" aria-label={words.draw}>
        {drawing === null ? (
          <>
            {kinds.map((kind) => {
              const Icon = icons[kind];
              return (
                <Button
                  key={kind}
                  size="sm"
                  className="max-md:h-11"
                  disabled={disabled || count(kind) >= atMost[kind]}
                  title={count(kind) >= atMost[kind] ? words.full(atMost[kind]) : words.draws[kind]}
                  onClick={() => setDrawing({ kind, spots: [] })}
                >
                  <Icon className={iconColours[kind]} /> {words.kinds[kind]}
                </Button>
              );
            })}
            <span className="ml-auto flex gap-1">
              <ToolButton label={words.undo} icon={Undo2} disabled={!canUndo} onClick={onUndo} />
              <ToolButton label={words.redo} icon={Redo2} disabled={!canRedo} onClick={onRedo} />
            </span>
          </>
        ) : (
          <>
            <p className="text-soft basis-full text-[13px] md:basis-auto md:pr-2">
              {words.howToDraw[formOf[drawing.kind]]}
            </p>
            <Button
              size="sm"
              className="max-md:h-11"
              autoFocus
              onClick={() => add(drawing.kind, startingSpots[formOf[drawing.kind]])}
            >
              {words.putInMiddle}
            </Button>
            {formOf[drawing.kind] === "polygon" && (
              <Button
                size="sm"
                variant="primary"
                className="max-md:h-11"
                disabled={!isDrawn(drawing.spots, drawing.kind)}
                onClick={() => add(drawing.kind, [...drawing.spots])}
              >
                <Check /> {words.done}
              </Button>
            )}
            <Button size="sm" variant="ghost" className="max-md:h-11" onClick={() => setDrawing(null)}>
              <X /> {words.cancelDrawing}
            </Button>
          </>
        )}
      </div>
      <Picture camera={camera} stream={stream}>
        <ShapeLayer
          shapes={shapes}
          selectedId={selectedId}
          drawing={drawing}
          leastHeight={leastHeight}
          disabled={disabled}
          onSelect={onSelect}
          onSpots={onSpots}
          onRemove={onRemove}
          onDraw={(spots) => drawing && setDrawing({ ...drawing, spots })}
          onDrawn={add}
        />
      </Picture>
    </section>
  );
}

function ToolButton({
  label,
  icon: Icon,
  disabled,
  onClick,
}: {
  label: string;
  icon: LucideIcon;
  disabled: boolean;
  onClick: () => void;
}) {
  return (
    <Button
      variant="ghost"
      size="icon"
      className="max-md:size-11"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon />
    </Button>
  );
}

/** The live picture, whole and in its shape; until it plays, a still of a moment ago. */
function Picture({ camera, stream, children }: { camera: Camera; stream: "main" | "sub"; children: React.ReactNode }) {
  const watchable = camera.state !== "disabled" && camera.state !== "unsupported";
  const { video, player, state } = useLivePlayer(camera.id, stream, camera.subUrl != null, watchable, false, 0);
  const playing = watchable && state.kind === "playing";
  const sent = camera.streams.find((s) => s.name === stream);
  const [aspect, setAspect] = useState(sent?.width && sent.height ? sent.width / sent.height : 16 / 9);
  const said = stateWords(camera);
  return (
    <div
      // As large as it can be and still be seen whole.
      className="pictures relative mx-auto w-full bg-black"
      style={{ aspectRatio: aspect, maxWidth: `calc((100dvh - 11rem) * ${aspect})` }}
    >
      {!playing && (
        <CameraPicture camera={camera} width={1280} className="absolute inset-0 rounded-none" onPicture={setAspect} />
      )}
      <video
        ref={video}
        data-camera-id={camera.id}
        muted
        playsInline
        autoPlay
        aria-label={words.pictureOf(camera.name)}
        onResize={(e) => {
          const { videoWidth, videoHeight } = e.currentTarget;
          if (videoWidth > 0) setAspect(videoWidth / videoHeight);
        }}
        className={cn("absolute inset-0 size-full object-contain", !playing && "opacity-0")}
      />
      {playing && isAnalysed(camera) && (
        <FoundOverlay camera={camera} video={video} player={player} boxes places={false} />
      )}
      {children}
      {!playing && camera.state !== "online" && (
        <p className="pointer-events-none absolute inset-x-0 bottom-3 text-center text-[13px] text-white">
          <span className="rounded-md bg-black/75 px-3 py-1.5">
            {[said.text, said.why].filter(Boolean).join(" · ")}
          </span>
        </p>
      )}
    </div>
  );
}
