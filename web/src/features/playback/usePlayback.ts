import { useCallback, useEffect, useMemo, useState } from "react";
import { toast } from "sonner";
import type { Camera } from "@/api/types";
import type { GroupState } from "@/player/member";
import { PlaybackGroup } from "@/player/PlaybackGroup";
import { Cell } from "@/timeline/cell";
import type { Span } from "@/timeline/footage";
import { ordered } from "@/timeline/useTimelineGestures";
import { centreInPast, hour, second, spanOf, zoom, type View } from "@/timeline/scale";
import { rates, type PlaybackAddress } from "./address";
import { ownArchive, type Archive } from "./archive";
import { findFootage, findMark } from "./queries";
import { words } from "./words";

/** The state of the page and what can be done with it; the buttons and the keys do the same. */
export function usePlayback(all: readonly Pick<Camera, "id">[], first: PlaybackAddress, archive: Archive = ownArchive) {
  const [cameras, setCameras] = useState(() => {
    const known = first.cameras.filter((id) => all.some((c) => c.id === id));
    return known.length > 0 ? known : [all[0]!.id];
  });
  const [active, setActive] = useState(first.active < cameras.length ? first.active : 0);
  // A little in the past: the newest fragment is still being written.
  const [start] = useState(() => first.at ?? Date.now() - 30 * second);
  const [view] = useState(() => new Cell<View>(first.view ?? centreInPast({ from: 0, to: hour }, start, Date.now())));
  const [range] = useState(() => new Cell<Span | null>(first.range));
  const [state, setState] = useState<GroupState>({ playing: !first.paused, rate: first.rate, seeking: false });
  /** The newest place that was sought or dragged to: what shows it first is a small picture. */
  const [sought] = useState(() => new Cell<number | null>(null));
  // The group asks for footage of the cameras that are shown by then.
  const [shown] = useState(() => new Cell<readonly string[]>(cameras));
  useEffect(() => shown.set(cameras), [shown, cameras]);
  const [group] = useState(
    () =>
      new PlaybackGroup(
        { onState: setState, findFootage: (at, direction) => findFootage(shown.value, at, direction, archive) },
        start,
        { playing: !first.paused, rate: first.rate },
      ),
  );
  useEffect(() => group.start(), [group]);
  useEffect(() => followCursor(group, view), [group, view]);

  const cursorAt = useCallback(() => group.at, [group]);
  const actions = useMemo(() => {
    /** A seek out of sight takes the timeline along. */
    const seek = (at: number) => {
      group.seek(at);
      sought.set(group.at);
      const { from, to } = view.value;
      if (group.at < from || group.at > to) view.set(centreInPast(view.value, group.at, Date.now()));
    };
    const shuttle = (direction: 1 | -1) => {
      const now = group.state;
      // Again the same key: twice as fast.
      const same = now.playing && Math.sign(now.rate) === direction;
      group.play(direction * (same ? faster(Math.abs(now.rate)) : 1));
    };
    return {
      seek,
      scrub: (at: number) => {
        group.scrub(at);
        sought.set(group.at);
      },
      skip: (by: number) => seek(group.at + by),
      toggle: () => (group.state.playing ? group.pause() : group.play()),
      pause: () => group.pause(),
      forwards: () => shuttle(1),
      backwards: () => shuttle(-1),
      step: (direction: 1 | -1) => void group.step(direction),
      setSpeed: (speed: number) => group.setRate(group.state.rate < 0 ? -speed : speed),
      turnRound: () => group.play(-group.state.rate),
      zoomBy: (factor: number) => view.set(zoom(view.value, factor, centreOf(view.value, group.at))),
      goToMark: (direction: 1 | -1) =>
        void findMark(shown.value, group.at, direction, archive).then(
          (at) => (at === null ? toast(direction > 0 ? words.noMarkAfter : words.noMarkBefore) : seek(at)),
          (error: unknown) => toast.error(error instanceof Error ? error.message : words.eventsNotRead),
        ),
      goToFootage: (direction: 1 | -1) =>
        void findFootage(shown.value, group.at + direction, direction, archive).then(
          (at) => (at === null ? toast(direction > 0 ? words.nothingAfter : words.nothingBefore) : seek(at)),
          (error: unknown) => toast.error(error instanceof Error ? error.message : words.timelineNotRead),
        ),
      startRange: () => {
        const at = group.at;
        const end = range.value?.to ?? 0;
        // Half a minute, but nothing of the future.
        range.set(end > at ? { from: at, to: end } : ordered(at, Math.min(at + 30 * second, Date.now())));
      },
      endRange: () => {
        const at = group.at;
        const begin = range.value?.from ?? at - 30 * second;
        range.set({ from: begin < at ? begin : at - 30 * second, to: at });
      },
    };
  }, [group, view, range, shown, sought, archive]);

  return { cameras, setCameras, active, setActive, view, range, state, group, sought, cursorAt, actions };
}

/** The timeline turns its page when what plays leaves it; not when an operator moved it away from there. */
function followCursor(group: PlaybackGroup, view: Cell<View>): () => void {
  let before: View | null = null;
  const timer = setInterval(() => {
    const { from, to } = view.value;
    const seen = group.at >= from && group.at <= to;
    if (!seen && group.state.playing && before === view.value)
      view.set(centreInPast(view.value, group.at + spanOf(view.value) * 0.3 * Math.sign(group.state.rate), Date.now()));
    before = seen ? view.value : null;
  }, 250);
  return () => clearInterval(timer);
}

export type PlaybackActions = ReturnType<typeof usePlayback>["actions"];

function faster(rate: number): number {
  return rates.find((r) => r > rate) ?? rates.at(-1)!;
}

/** Keys and buttons zoom around the cursor, where it is seen. */
function centreOf(view: View, cursor: number): number {
  return cursor >= view.from && cursor <= view.to ? cursor : view.from + spanOf(view) / 2;
}
