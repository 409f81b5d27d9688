import { useCallback, useMemo, useRef, useState } from "react";
import { previewUrl, usePictureTicket } from "@/api/recordedPictures";
import { useMay } from "@/api/useMe";
import type { Camera } from "@/api/types";
import { useShortcuts } from "@/app/useShortcuts";
import { cn } from "@/components/cn";
import { zoneName } from "@/components/time";
import { MotionButton } from "@/features/motion/MotionButton";
import { MotionPanel } from "@/features/motion/MotionPanel";
import { RegionEditor } from "@/features/motion/RegionEditor";
import { aspectOf } from "@/features/motion/aspect";
import { useFound } from "@/features/motion/useFound";
import { useMotion } from "@/features/motion/useMotion";
import { rememberedVolume, rememberVolume } from "@/player/volume";
import { noFootage } from "@/timeline/footage";
import type { PreviewPlace } from "@/timeline/preview";
import { centreInPast, minute, second } from "@/timeline/scale";
import { TimelineLegend } from "@/timeline/TimelineLegend";
import { TimelineView } from "@/timeline/TimelineView";
import { formatAddress, type PlaybackAddress } from "./address";
import { BookmarkList } from "./BookmarkList";
import { CameraChoice } from "./CameraChoice";
import { FootageCalendar } from "./FootageCalendar";
import { KeepDialog, type KeepWish } from "./KeepDialog";
import { NoTimeline } from "./NoTimeline";
import { FetchButton } from "./FetchButton";
import { PlaybackTile } from "./PlaybackTile";
import { useFootage } from "./queries";
import { RangeBar } from "./RangeBar";
import { TimeField } from "./TimeField";
import { Speed, Transport } from "./Transport";
import { useFetching } from "./useFetching";
import { useAddress } from "./useAddress";
import { useKeptMarks } from "./useKeptMarks";
import { usePlayback } from "./usePlayback";
import { ViewTools } from "./ViewTools";
import { words } from "./words";

/** Video above, timeline below; up to sixteen cameras on one clock. */
export function Playback({ all, first }: { all: readonly Camera[]; first: PlaybackAddress }) {
  const playback = usePlayback(all, first);
  const { cameras, active, view, range, state, group, sought, cursorAt, actions } = playback;
  const stage = useRef<HTMLDivElement>(null);
  const timeField = useRef<HTMLButtonElement>(null);
  const known = useMemo(
    () => cameras.map((id) => all.find((c) => c.id === id)).filter((c) => c !== undefined),
    [all, cameras],
  );
  const { footage, error, refetch } = useFootage(cameras, view);
  const kept = useKeptMarks(cameras, view);
  const camera = known[active] ?? known[0];
  const motion = useMotion(camera?.id, first.motion);
  const found = useFound(motion.search, cursorAt);
  const lanes = useMemo(
    () =>
      known.map((c) => ({
        cameraId: c.id,
        name: c.name,
        footage: footage.get(c.id) ?? noFootage,
        kept: kept.marks.get(c.id) ?? [],
        found: c === camera ? found.marks : [],
      })),
    [known, footage, kept.marks, camera, found.marks],
  );
  const ticket = usePictureTicket();
  const pictureOf = useCallback(
    (cameraId: string, { at, within }: PreviewPlace) => ticket && previewUrl(cameraId, at, within, ticket),
    [ticket],
  );
  const may = useMay();
  const fetching = useFetching();
  const [wish, setWish] = useState<KeepWish | null>(null);
  // One camera is heard at a time, and none until somebody asks.
  const [heard, setHeard] = useState<string | null>(null);
  const [volume, setVolume] = useState(rememberedVolume);

  const address = useCallback(
    (): PlaybackAddress => ({
      cameras,
      active,
      at: group.at,
      view: view.value,
      rate: state.rate,
      paused: !state.playing,
      range: range.value,
      motion: motion.wish(),
    }),
    [cameras, active, group, view, range, state, motion],
  );
  useAddress(address);
  const linkHere = () =>
    window.location.origin + window.location.pathname + formatAddress({ ...address(), paused: true });

  const goTo = (at: number) => {
    actions.seek(at);
    view.set(centreInPast(view.value, at, Date.now()));
  };
  const goToFound = (direction: 1 | -1) => {
    const hit = found.next(direction);
    if (hit) goTo(found.choose(hit, state.playing));
  };
  /** What is selected, or where the cursor is. */
  const bookmark = () => {
    if (!may("bookmarks.write")) return;
    const at = Math.round(group.at);
    setWish({ kind: "bookmark", span: range.value ?? { from: at, to: at } });
  };
  const fullScreen = () =>
    void (document.fullscreenElement ? document.exitFullscreen() : stage.current?.requestFullscreen());
  const activeTile = () => stage.current?.querySelector<HTMLElement>("[data-active=true]");

  useShortcuts({
    " ": (e) => {
      // A button that was just clicked would take the key as another click.
      (e.target as HTMLElement).blur();
      actions.toggle();
    },
    k: actions.toggle,
    j: actions.backwards,
    l: actions.forwards,
    ",": () => actions.step(-1),
    ".": () => actions.step(1),
    ArrowLeft: (e) => (e.shiftKey ? actions.goToMark(-1) : actions.skip(-10 * second)),
    ArrowRight: (e) => (e.shiftKey ? actions.goToMark(1) : actions.skip(10 * second)),
    ArrowUp: () => actions.skip(minute),
    ArrowDown: () => actions.skip(-minute),
    "[": actions.startRange,
    "]": actions.endRange,
    // Where brackets need AltGr.
    i: actions.startRange,
    o: actions.endRange,
    Escape: () => range.set(null),
    "+": () => actions.zoomBy(0.5),
    "=": () => actions.zoomBy(0.5),
    "-": () => actions.zoomBy(2),
    b: bookmark,
    "/": motion.open,
    n: () => goToFound(-1),
    p: () => goToFound(1),
    g: () => timeField.current?.click(),
    s: () => activeTile()?.querySelector<HTMLElement>("[data-action=save]")?.click(),
    f: fullScreen,
    m: () => camera && setHeard(heard === camera.id ? null : camera.id),
  });

  return (
    <div className="pictures flex h-full flex-col">
      <div className="flex min-h-0 flex-1 max-md:flex-col">
        <div
          ref={stage}
          className={cn(
            "grid min-h-0 min-w-0 flex-1 gap-0.5 bg-black",
            known.length === 2 && "max-md:grid-rows-2 md:grid-cols-2",
            known.length > 2 && known.length <= 4 && "grid-cols-2 grid-rows-2",
            known.length > 4 && "max-md:auto-rows-[7rem] max-md:grid-cols-2 max-md:overflow-y-auto",
            known.length > 4 && known.length <= 9 && "md:auto-rows-fr md:grid-cols-3",
            known.length > 9 && "md:auto-rows-fr md:grid-cols-4",
          )}
        >
          {known.map((c, i) => (
            <PlaybackTile
              key={c.id}
              camera={c}
              group={group}
              sought={sought}
              previewUrl={pictureOf}
              footage={footage.get(c.id) ?? noFootage}
              several={known.length > 1}
              active={i === active}
              onActive={() => playback.setActive(i)}
              onFootage={actions.goToFootage}
              missing={(gap) => <FetchButton camera={c} span={gap} fetching={fetching} />}
              heard={heard === c.id}
              volume={volume}
              onHear={(on) => setHeard(on ? c.id : null)}
              onVolume={(loud) => {
                setVolume(loud);
                rememberVolume(loud);
              }}
              overlay={
                motion.isOpen &&
                c === camera && <RegionEditor aspect={aspectOf(c)} region={motion.region} onChange={motion.setRegion} />
              }
            />
          ))}
        </div>
        {motion.isOpen && camera && (
          <MotionPanel
            camera={camera}
            motion={motion}
            view={view}
            range={range}
            chosen={found.chosen}
            onGo={(hit) => goTo(found.choose(hit, state.playing))}
          />
        )}
      </div>

      <div className="bg-panel border-t px-3 pt-2 pb-2 max-md:px-2">
        <div className="mb-2 flex flex-wrap items-center gap-x-2 gap-y-1 md:grid md:grid-cols-[1fr_auto_1fr]">
          <CameraChoice
            all={all}
            cameras={cameras}
            active={active}
            onChange={(ids, at) => {
              playback.setCameras(ids);
              playback.setActive(at);
            }}
          />
          <div className="items-center gap-2 max-md:contents md:flex">
            <Transport state={state} actions={actions} />
            <Speed state={state} group={group} onSpeed={actions.setSpeed} />
          </div>
          <div className="flex min-w-0 items-center justify-end gap-1 max-md:order-4 max-md:w-full">
            <TimeField ref={timeField} cursorAt={cursorAt} playing={state.playing} onGo={goTo} />
            {camera && (
              <FootageCalendar cameraId={camera.id} cameraName={camera.name} cursorAt={cursorAt} onGo={goTo} />
            )}
            <MotionButton motion={motion} />
            <BookmarkList
              bookmarks={kept.bookmarks}
              error={kept.error}
              several={known.length > 1}
              mayWrite={may("bookmarks.write")}
              onAdd={bookmark}
              onGo={(b) => {
                const [from, to] = [Date.parse(b.from), Date.parse(b.to)];
                if (to > from) range.set({ from, to });
                goTo(from);
              }}
            />
            <ViewTools
              onZoom={actions.zoomBy}
              onHere={() => view.set(centreInPast(view.value, cursorAt(), Date.now()))}
              onFullScreen={fullScreen}
            />
          </div>
        </div>
        {kept.holdsError && (
          <p role="alert" className="text-warn px-3 text-[13px]">
            {words.noHoldsShown(kept.holdsError.message)}
          </p>
        )}
        {error && lanes.every((l) => l.footage === noFootage) ? (
          <NoTimeline error={error} onRetry={refetch} />
        ) : (
          <TimelineView
            view={view}
            lanes={lanes}
            cursorAt={cursorAt}
            onSeek={actions.seek}
            onScrub={actions.scrub}
            range={range}
            previewUrl={pictureOf}
          />
        )}
        <TimelineLegend lanes={lanes} view={view} />
        {camera && (
          <RangeBar
            camera={camera}
            cameras={known}
            range={range}
            actions={actions}
            linkHere={linkHere}
            may={may}
            fetching={fetching}
            onBookmark={bookmark}
            onKeep={(kind, span) => setWish({ kind, span })}
            zone={zoneName(view.value.from)}
          />
        )}
      </div>
      {wish && camera && <KeepDialog wish={wish} cameras={known} active={camera} onClose={() => setWish(null)} />}
    </div>
  );
}
