import { useMemo } from "react";
import { useDetections } from "@/api/detections";
import { keyOf } from "./detection";
import { useNewDetections } from "./useNewDetections";
import type { Search } from "./useSearch";

/** So many before the end of what is read, more is read. */
const readAhead = 4;

/** What is found, and which of it is open: `?result=ID@TIME`. */
export function useResults(search: Search) {
  const list = useDetections(search.filter);
  const all = useMemo(() => list.data?.pages.flatMap((p) => p.items) ?? [], [list.data]);
  const isRead = list.isSuccess && !list.isPlaceholderData;
  const place = all.findIndex((d) => keyOf(d) === search.get("result"));
  const open = (to: number) => {
    const next = all[to];
    if (next) search.set({ result: keyOf(next) });
    if (to >= all.length - readAhead && list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage();
  };
  return {
    list,
    all,
    waiting: useNewDetections(search.filter, isRead ? all : undefined),
    place,
    opened: all[place],
    open,
    close: () => search.set({ result: null }),
  };
}

export type Results = ReturnType<typeof useResults>;
