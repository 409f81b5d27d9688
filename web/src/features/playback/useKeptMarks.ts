import { useEffect, useMemo, useState } from "react";
import { useBookmarks, useHoldsOf } from "@/api/kept";
import type { Cell } from "@/timeline/cell";
import type { KeptMark } from "@/timeline/keptMarks";
import { day, spanOf, type View } from "@/timeline/scale";

/** Bookmarks and holds around the view: its days, and as much again on either side. Asked anew only when the view leaves them. */
export function useKeptMarks(cameraIds: readonly string[], view: Cell<View>) {
  const [around, setAround] = useState(() => spanAround(view.value));
  useEffect(
    () =>
      view.subscribe(() => {
        const { from, to } = view.value;
        setAround((now) => (from >= now.from && to <= now.to ? now : spanAround(view.value)));
      }),
    [view],
  );
  const bookmarks = useBookmarks(cameraIds, around);
  const holds = useHoldsOf(cameraIds, around);
  const marks = useMemo(() => {
    const of = (cameraId: string): KeptMark[] => [
      ...(holds.data ?? [])
        .filter((h) => h.cameraIds.includes(cameraId))
        .map((h) => ({ kind: "hold" as const, from: Date.parse(h.from), to: Date.parse(h.to), title: h.reason })),
      ...(bookmarks.data ?? [])
        .filter((b) => b.cameraId === cameraId)
        .map((b) => ({ kind: "bookmark" as const, from: Date.parse(b.from), to: Date.parse(b.to), title: b.title })),
    ];
    return new Map(cameraIds.map((id) => [id, of(id)]));
  }, [cameraIds, bookmarks.data, holds.data]);
  return { marks, bookmarks: bookmarks.data ?? null, error: bookmarks.error, holdsError: holds.error };
}

function spanAround(view: View) {
  const span = Math.max(day, spanOf(view));
  return { from: Math.floor((view.from - span) / day) * day, to: Math.ceil((view.to + span) / day) * day };
}
