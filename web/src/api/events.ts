import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/types";

/** Something that happened. Its id and its time name it together. */
export type EventView = Schemas["EventView"];
type Detection = Schemas["DetectionView"];

/** Which events; what is absent is of no matter. Times are ISO 8601. */
export interface EventQuery {
  cameraId?: string[];
  /** Types, or their beginnings: `object.*`. */
  type?: string[];
  class?: string;
  zone?: string;
  line?: string;
  /** With * and ? for what may stand there. */
  plate?: string;
  /** True: of cameras, analytics and other programs. False: of the system about itself. */
  reported?: boolean;
  from?: string;
  to?: string;
}

const pageSize = 60;

/** The newest first, page by page. Kept only while it is shown: what came meanwhile is told by the feed, and only then. */
export function useEventPages(query: EventQuery, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: eventPagesKey(query),
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.get("/api/events", { query: { ...query, limit: pageSize, ...(pageParam && { cursor: pageParam }) }, signal }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    enabled,
    staleTime: Infinity,
    gcTime: 0,
  });
}

export const eventPagesKey = (query: EventQuery) => ["events", "pages", query];

/** One page from the newest on, for what the feed did not tell while it was away. */
export const newestEvents = (query: EventQuery) => api.get("/api/events", { query: { ...query, limit: pageSize } });

/** As many as happen in a millisecond. */
const atOnce = 500;

/** One event by its id and its time; null where there is none, or none for this account. */
export function useEvent(id: string, at: string, enabled: boolean) {
  return useQuery({
    queryKey: ["events", "one", id, at],
    queryFn: async ({ signal }) => {
      const to = new Date(Date.parse(at) + 1).toISOString();
      const { items } = await api.get("/api/events", { query: { from: at, to, limit: atOnce }, signal });
      return items.find((e) => e.id === id) ?? null;
    },
    enabled: enabled && !Number.isNaN(Date.parse(at)),
  });
}

/** Objects are followed for so long at the most before they make an event of another kind. */
const trackMs = 15 * 60_000;

/** The object that an event is about, with the way it went; null where nobody followed one. */
export function useDetectionOf(event: EventView) {
  const track = (event.data as { trackId?: unknown } | null)?.trackId;
  return useQuery({
    queryKey: ["events", "detection", event.id, event.at],
    queryFn: async ({ signal }): Promise<Detection | null> => {
      const at = Date.parse(event.at);
      const { items } = await api.get("/api/detections", {
        query: {
          cameraId: [event.cameraId!],
          from: new Date(at - trackMs).toISOString(),
          to: new Date(at + 1).toISOString(),
          limit: 200,
        },
        signal,
      });
      return items.find((d) => d.id === event.id || d.trackId === String(track)) ?? null;
    },
    enabled: event.cameraId !== null && track !== undefined,
    staleTime: 60_000,
  });
}

/** Whether the camera, analytics or another program ever reported anything for a camera; undefined while that is not known. */
export function useHasReports(cameraId: string | undefined, wanted: boolean): boolean | undefined {
  return useQuery({
    queryKey: ["events", "reported", cameraId],
    queryFn: ({ signal }) =>
      api.get("/api/events", { query: { cameraId: [cameraId!], reported: true, limit: 1 }, signal }),
    enabled: wanted && cameraId !== undefined,
    select: (page) => page.items.length > 0,
  }).data;
}
