import { useEffect, useRef, useState } from "react";
import { cn } from "@/components/cn";
import { dayAndClock, duration } from "@/components/time";
import { eventWords } from "@/events/eventWords";
import type { Cell } from "./cell";
import {
  drawTimeline,
  laneHeightOf,
  laneTop,
  sceneKey,
  timelineHeight,
  type Lane,
  type TimelineScene,
} from "./drawTimeline";
import { gapAt, noFootage, type Span } from "./footage";
import { fetchedWords, gapWords, isIntended } from "./gapWords";
import { keptAt, keptWords } from "./keptMarks";
import { previewPlace, previewStep, type PreviewPlace } from "./preview";
import { PreviewPicture } from "./PreviewPicture";
import { spanOf, toTime, type View } from "./scale";
import { useTimelineGestures, type Place, type TimelineGestures } from "./useTimelineGestures";
import { words } from "./words";

/**
 * The one timeline of the product, on a canvas, with a lane for each camera. View and range stand in cells and the cursor's time is read
 * every animation frame: neither a playing video nor a moving finger renders anything in React.
 */
export function TimelineView({
  view,
  lanes,
  cursorAt,
  onSeek,
  onScrub,
  range,
  previewUrl,
}: {
  view: Cell<View>;
  lanes: readonly Lane[];
  cursorAt: () => number;
  onSeek: (at: number) => void;
  onScrub: (at: number) => void;
  range: Cell<Span | null>;
  /** Where the small picture of a time is; null while that is not known. */
  previewUrl: (cameraId: string, place: PreviewPlace) => string | null;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const drawn = useRef<readonly Lane[]>(lanes);

  const onHover = (place: Place | null) => {
    const element = canvas.current;
    setHover(place && element ? hoverAt(place, element, view.value, drawn.current) : null);
  };
  const gestures = useRef<TimelineGestures>({ view, range, cursorAt, onSeek, onScrub, onHover });
  useEffect(() => {
    gestures.current = { view, range, cursorAt, onSeek, onScrub, onHover };
    drawn.current = lanes;
  });
  useTimelineGestures(canvas, gestures);

  useEffect(() => {
    let frame = 0;
    let before = "";
    let lanesBefore: readonly Lane[] | null = null;
    const draw = () => {
      frame = requestAnimationFrame(draw);
      const element = canvas.current;
      if (!element) return;
      const scene: TimelineScene = {
        view: view.value,
        lanes: drawn.current,
        cursor: cursorAt(),
        now: Date.now(),
        range: range.value,
      };
      const key = sceneKey(element, scene);
      if (key === before && lanesBefore === scene.lanes) return;
      before = key;
      lanesBefore = scene.lanes;
      drawTimeline(element, scene);
    };
    frame = requestAnimationFrame(draw);
    // Text drawn before the font was there.
    void document.fonts?.ready.then(() => (before = ""));
    return () => cancelAnimationFrame(frame);
  }, [view, range, cursorAt]);

  // What a screen reader says; once a second is enough.
  useEffect(() => {
    const timer = setInterval(() => {
      const at = cursorAt();
      canvas.current?.setAttribute("aria-valuenow", String(Math.round(at)));
      canvas.current?.setAttribute("aria-valuetext", dayAndClock(at));
    }, 1000);
    return () => clearInterval(timer);
  }, [cursorAt]);

  return (
    <div className="relative select-none">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="slider"
        aria-label={words.timeline}
        aria-valuenow={0}
        className="block w-full touch-none rounded-sm"
        style={{ height: timelineHeight(lanes.length) }}
      />
      {hover && <HoverCard hover={hover} previewUrl={previewUrl} />}
    </div>
  );
}

interface Hover {
  x: number;
  width: number;
  at: number;
  /** The camera, where there are several. */
  name: string | null;
  trouble: string | null;
  /** Why nothing is recorded where nobody wanted it. */
  unwanted: string | null;
  /** The camera gave it afterwards. */
  fetched: string | null;
  mark: string | null;
  /** A bookmark or a hold. */
  kept: string | null;
  cameraId: string | null;
  picture: PreviewPlace | null;
  /** Nothing is recorded here, and nothing says why. */
  empty: boolean;
}

function hoverAt({ x, y }: Place, canvas: HTMLCanvasElement, view: View, lanes: readonly Lane[]): Hover {
  const width = canvas.clientWidth || 1;
  const at = toTime(view, width, x);
  const slack = (3 / width) * spanOf(view);
  const height = laneHeightOf(canvas.clientHeight, lanes.length) + 3;
  const lane = lanes[Math.min(lanes.length - 1, Math.max(0, Math.floor((y - laneTop) / height)))];
  const gap = lane && gapAt(lane.footage.gaps, at, slack);
  const kept = lane?.kept && keptAt(lane.kept, at, slack * 1.5);
  const mark = lane?.footage.marks.find((m) => Math.abs(m.at - at) <= slack * 1.5);
  const picture = lane ? previewPlace(lane.footage, at, previewStep(view, width)) : null;
  return {
    cameraId: lane?.cameraId ?? null,
    picture,
    empty: picture === null && !gap && lane !== undefined && lane.footage !== noFootage && at < Date.now(),
    x,
    width,
    at,
    name: lanes.length > 1 ? (lane?.name ?? null) : null,
    trouble: gap && !isIntended(gap.cause) ? `${gapWords(gap.cause)}, ${duration(gap.to - gap.from)}` : null,
    unwanted: gap && isIntended(gap.cause) ? gapWords(gap.cause) : null,
    fetched: lane && !gap ? fetchedWords(lane.footage, at, slack) : null,
    mark: mark ? eventWords(mark.type) : null,
    kept: kept ? keptWords(kept) : null,
  };
}

const cardWidth = { desktop: 256, phone: 176 };

/** The time under the pointer, what is known of it, and a small picture of it. */
function HoverCard({
  hover,
  previewUrl,
}: {
  hover: Hover;
  previewUrl: (cameraId: string, place: PreviewPlace) => string | null;
}) {
  const { x, width, cameraId, picture } = hover;
  const pictured = picture !== null;
  const card = width < 640 ? cardWidth.phone : cardWidth.desktop;
  const half = (pictured ? card : 80) / 2;
  const said = (
    <p className="tabular px-2 py-0.5 text-[12px]">
      {hover.name && <span className="text-soft">{hover.name} · </span>}
      {dayAndClock(hover.at)}
      {hover.empty && <span className="text-soft"> · {words.nothingRecorded}</span>}
      {hover.trouble && <span className="text-alarm"> · {hover.trouble}</span>}
      {hover.unwanted && <span className="text-soft"> · {hover.unwanted}</span>}
      {hover.fetched && <span className="text-soft"> · {hover.fetched}</span>}
      {hover.mark && <span className="text-warn"> · {hover.mark}</span>}
      {hover.kept && <span className="text-accent"> · {hover.kept}</span>}
    </p>
  );
  const place = x < width / 2 ? { left: Math.max(0, x - half) } : { right: Math.max(0, width - x - half) };
  return (
    <div
      className={cn(
        "bg-raised pointer-events-none absolute bottom-full z-20 mb-1 overflow-hidden rounded-md border shadow-xl",
        pictured ? "text-center" : "whitespace-nowrap",
      )}
      style={pictured ? { ...place, width: card } : place}
    >
      {picture && <PreviewPicture url={cameraId && previewUrl(cameraId, picture)} />}
      {said}
    </div>
  );
}
