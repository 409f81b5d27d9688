import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { Schemas } from "@/api/types";

/** Something that happened. Its id and its time name it together. */
export type EventView = Schemas["EventView"];

/** Which events; what is absent is of no matter. Times are ISO 8601. */
export interface EventQuery {
  cameraId?: string[];
  /** Cameras of these groups, and of those in them, besides those that are named. */
  groupId?: string[];
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

/**
 * One event, with the way of its object; null where there is none, or none for this account.
 * @param at When it happened; unknown: it is looked for in all of them.
 */
export function useEvent(id: string | null, at: string | null) {
  return useQuery({
    queryKey: ["events", "one", id, at],
    queryFn: async ({ signal }): Promise<EventView | null> => {
      try {
        return await api.get("/api/events/{id}", { path: { id: id! }, query: { ...(at !== null && { at }) }, signal });
      } catch (error) {
        if (error instanceof ApiError && error.problem.status === 404) return null;
        throw error;
      }
    },
    enabled: id !== null,
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
