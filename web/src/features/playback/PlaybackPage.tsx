import {
  Cctv,
  Download,
  Maximize,
  Pause,
  Play,
  RotateCcw,
  RotateCw,
  StepBack,
  StepForward,
  X,
  ZoomIn,
  ZoomOut,
} from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useCameras } from "@/api/cameras";
import { useShortcuts } from "@/app/useShortcuts";
import { cn } from "@/components/cn";
import { ConvertedMark } from "@/components/ConvertedMark";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { clock, dayAndClock, duration, toLocalInput, zoneName } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { PlaybackPlayer, type PlaybackState } from "@/player/PlaybackPlayer";
import { centreOn, hour, second, spanOf, zoom, type View } from "@/timeline/scale";
import { TimelineView } from "@/timeline/TimelineView";
import { clipUrl, playlistUrl, useTimeline } from "./queries";

const speeds = [0.5, 1, 2, 4];

/** Video above, timeline below. Camera and time stand in the address: `?camera=ID&at=ISO`. */
export function PlaybackPage() {
  const [search, setSearch] = useSearchParams();
  const cameras = useCameras();
  const all = cameras.data ?? [];
  const camera = all.find((c) => c.id === search.get("camera")) ?? all[0];

  if (cameras.isPending)
    return (
      <div className="flex h-full flex-col gap-2 p-2" aria-label="Loading">
        <Skeleton className="flex-1" />
        <Skeleton className="h-36" />
      </div>
    );
  if (cameras.isError && all.length === 0)
    return <QueryError what="the cameras" error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (!camera)
    return (
      <EmptyState
        icon={<Cctv />}
        title="Nothing to play yet"
        detail="Recordings appear here as soon as a camera is added."
      >
        <Button asChild variant="primary">
          <Link to="/cameras?edit=new">Add camera</Link>
        </Button>
      </EmptyState>
    );
  const at = Date.parse(search.get("at") ?? "");
  return (
    <Playback
      key={camera.id}
      cameraId={camera.id}
      startAt={Number.isNaN(at) ? null : at}
      onAt={(ms) => setSearch({ camera: camera.id, at: new Date(ms).toISOString() }, { replace: true })}
      picker={
        <select
          aria-label="Camera"
          value={camera.id}
          onChange={(e) =>
            setSearch((current) => ({ ...Object.fromEntries(current), camera: e.target.value }), { replace: true })
          }
          className="bg-raised h-9 max-w-48 min-w-0 rounded-md border px-2 font-medium"
        >
          {all.map((c) => (
            <option key={c.id} value={c.id}>
              {c.name}
            </option>
          ))}
        </select>
      }
    />
  );
}

function Playback({
  cameraId,
  startAt,
  onAt,
  picker,
}: {
  cameraId: string;
  startAt: number | null;
  onAt: (at: number) => void;
  picker: React.ReactNode;
}) {
  // A little in the past: the newest fragment is still being written.
  const [start] = useState(() => startAt ?? Date.now() - 30 * second);
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<PlaybackPlayer>(null);
  const stage = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>(() => centreOn({ from: 0, to: hour }, start));
  const [state, setState] = useState<PlaybackState>({ kind: "empty" });
  const [paused, setPaused] = useState(true);
  const [speed, setSpeed] = useState(1);
  const [range, setRange] = useState<{ from: number; to: number } | null>(null);
  const timeline = useTimeline(cameraId, view);

  useEffect(() => {
    if (!video.current) return;
    const archive = new PlaybackPlayer(
      video.current,
      { playlist: (from, to, converted) => playlistUrl(cameraId, from, to, converted), onState: setState },
      start,
    );
    player.current = archive;
    void archive.seek(start, true);
    return () => {
      archive.close();
      player.current = null;
    };
  }, [cameraId, start]);

  const cursorAt = useCallback(() => player.current?.at ?? start, [start]);
  const seek = useCallback(
    (at: number, play?: boolean) => {
      const target = Math.min(at, Date.now() - 2 * second);
      onAt(target);
      void player.current?.seek(target, play);
    },
    [onAt],
  );
  const skip = (by: number) => seek(cursorAt() + by);
  const toggle = () =>
    void (video.current?.paused ? video.current.play().catch(() => undefined) : video.current?.pause());
  const zoomBy = (factor: number) => setView((v) => zoom(v, factor, v.from + spanOf(v) / 2));
  const fullScreen = () =>
    void (document.fullscreenElement ? document.exitFullscreen() : stage.current?.requestFullscreen());
  const changeSpeed = (value: number) => {
    setSpeed(value);
    if (video.current) video.current.playbackRate = value;
  };

  useShortcuts({
    " ": toggle,
    k: toggle,
    j: () => skip(-10 * second),
    l: () => skip(10 * second),
    ",": () => player.current?.step(-1),
    ".": () => player.current?.step(1),
    "+": () => zoomBy(0.5),
    "-": () => zoomBy(2),
    f: fullScreen,
  });

  return (
    <div className="flex h-full flex-col">
      <div ref={stage} className="relative min-h-0 flex-1 bg-black">
        <video
          ref={video}
          data-camera-id={cameraId}
          data-state={state.kind}
          muted
          playsInline
          className={cn("absolute inset-0 size-full object-contain", state.kind === "nothing" && "opacity-20")}
          onPlay={() => setPaused(false)}
          onPause={() => setPaused(true)}
          onLoadedMetadata={(e) => (e.currentTarget.playbackRate = speed)}
        />
        {state.kind === "ready" && state.convertedFrom !== null && <ConvertedMark codec={state.convertedFrom} />}
        {state.kind === "nothing" && (
          <div className="absolute inset-0">
            <EmptyState
              title="Nothing recorded here"
              detail={`No video of this camera after ${clock(state.at)}. The timeline shows where there is some.`}
            />
          </div>
        )}
        {state.kind === "failed" && (
          <div className="absolute inset-0">
            <QueryError
              what="the recording"
              error={new Error(state.message)}
              onRetry={() => void player.current?.seek(cursorAt(), true)}
            />
          </div>
        )}
      </div>

      <div className="bg-panel border-t px-3 pt-2 pb-3">
        <div className="mb-2 flex flex-wrap items-center gap-x-2 gap-y-1">
          {picker}
          <div className="flex items-center" role="group" aria-label="Transport">
            <Button variant="ghost" size="icon" aria-label="10 seconds back" onClick={() => skip(-10 * second)}>
              <RotateCcw />
            </Button>
            {paused && (
              <Button variant="ghost" size="icon" aria-label="One frame back" onClick={() => player.current?.step(-1)}>
                <StepBack />
              </Button>
            )}
            <Button variant="secondary" size="icon" aria-label={paused ? "Play" : "Pause"} onClick={toggle}>
              {paused ? <Play /> : <Pause />}
            </Button>
            {paused && (
              <Button
                variant="ghost"
                size="icon"
                aria-label="One frame forward"
                onClick={() => player.current?.step(1)}
              >
                <StepForward />
              </Button>
            )}
            <Button variant="ghost" size="icon" aria-label="10 seconds forward" onClick={() => skip(10 * second)}>
              <RotateCw />
            </Button>
          </div>
          <select
            aria-label="Speed"
            value={speed}
            onChange={(e) => changeSpeed(Number(e.target.value))}
            className="tabular bg-raised h-9 rounded-md border px-2 text-[13px]"
          >
            {speeds.map((s) => (
              <option key={s} value={s}>
                {s}×
              </option>
            ))}
          </select>
          <CursorClock cursorAt={cursorAt} />
          <div className="ml-auto flex items-center gap-1">
            <JumpTo cursorAt={cursorAt} onJump={(at) => (seek(at, true), setView((v) => centreOn(v, at)))} />
            <Button variant="ghost" size="icon" aria-label="Zoom out" onClick={() => zoomBy(2)}>
              <ZoomOut />
            </Button>
            <Button variant="ghost" size="icon" aria-label="Zoom in" onClick={() => zoomBy(0.5)}>
              <ZoomIn />
            </Button>
            <Button variant="ghost" size="icon" aria-label="Full screen" onClick={fullScreen}>
              <Maximize />
            </Button>
          </div>
        </div>
        <TimelineView
          view={view}
          onView={setView}
          timeline={timeline.data}
          cursorAt={cursorAt}
          onSeek={(at) => seek(at)}
          range={range}
          onRange={setRange}
        />
        <RangeBar cameraId={cameraId} range={range} onRange={setRange} cursorAt={cursorAt} />
      </div>
    </div>
  );
}

/** Date, time and zone of the shown picture; written into the element, not rendered. */
function CursorClock({ cursorAt }: { cursorAt: () => number }) {
  const element = useRef<HTMLTimeElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!element.current) return;
      const at = cursorAt();
      element.current.textContent = `${dayAndClock(at)} ${zoneName(at)}`;
      element.current.title = new Date(at).toISOString();
    }, 200);
    return () => clearInterval(timer);
  }, [cursorAt]);
  return <time ref={element} data-testid="cursor" className="tabular ml-1 text-[13px] font-medium" />;
}

function JumpTo({ cursorAt, onJump }: { cursorAt: () => number; onJump: (at: number) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <input
      ref={input}
      type="datetime-local"
      step={1}
      aria-label="Go to date and time"
      className="tabular bg-raised hidden h-9 rounded-md border px-2 text-[13px] md:block"
      onFocus={(e) => (e.currentTarget.value = toLocalInput(cursorAt()))}
      onKeyDown={(e) => {
        const at = new Date(e.currentTarget.value).getTime();
        if (e.key === "Enter" && !Number.isNaN(at)) onJump(at);
      }}
    />
  );
}

/** Start and end of a range, and what can be done with it. */
function RangeBar({
  cameraId,
  range,
  onRange,
  cursorAt,
}: {
  cameraId: string;
  range: { from: number; to: number } | null;
  onRange: (range: { from: number; to: number } | null) => void;
  cursorAt: () => number;
}) {
  const [error, setError] = useState<string | null>(null);
  async function download() {
    if (!range) return;
    setError(null);
    try {
      const link = document.createElement("a");
      link.href = await clipUrl(cameraId, range.from, range.to);
      link.download = "";
      link.click();
    } catch (e) {
      setError(e instanceof Error ? e.message : "The clip is not available.");
    }
  }
  return (
    <div className="text-soft mt-1 flex min-h-9 flex-wrap items-center gap-2 text-[13px]">
      {range ? (
        <>
          <span className="tabular text-text">
            {clock(range.from)} – {clock(range.to)}
          </span>
          <span>{duration(range.to - range.from)}</span>
          <Button
            size="sm"
            variant="ghost"
            onClick={() => onRange({ from: Math.min(cursorAt(), range.to - second), to: range.to })}
          >
            Start here
          </Button>
          <Button
            size="sm"
            variant="ghost"
            onClick={() => onRange({ from: range.from, to: Math.max(cursorAt(), range.from + second) })}
          >
            End here
          </Button>
          <Button size="sm" variant="primary" onClick={() => void download()}>
            <Download /> Download clip
          </Button>
          <Button size="sm" variant="ghost" aria-label="Clear range" onClick={() => onRange(null)}>
            <X />
          </Button>
          {error && (
            <span role="alert" className="text-alarm">
              {error}
            </span>
          )}
        </>
      ) : (
        <>
          <Button
            size="sm"
            variant="ghost"
            onClick={() => onRange({ from: cursorAt() - 15 * second, to: cursorAt() + 15 * second })}
          >
            Select a range
          </Button>
          <span className="text-faint hidden md:inline">or drag with Shift on the timeline</span>
        </>
      )}
    </div>
  );
}
