import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import type { Page } from "./types";

/** Bookmarks, clips and legal holds: footage that somebody marked, and that is kept for it. */

/** One camera of it, and what of its range is there. */
export interface KeptCamera {
  cameraId: string;
  cameraName: string;
  state: "pending" | "kept" | "expired";
  recordedSeconds?: number | null;
  missingSeconds?: number | null;
  deletedSeconds?: number | null;
}

export interface Bookmark {
  id: string;
  cameraId: string;
  cameraName: string;
  from: string;
  /** The same as `from` for a moment. */
  to: string;
  title: string;
  note: string;
  tags: string[];
  createdBy: string;
}

export interface Clip {
  id: string;
  name: string;
  cameras: KeptCamera[];
  from: string;
  to: string;
  note: string;
  tags: string[];
  owner: string;
  createdAt: string;
}

export interface Hold {
  id: string;
  reason: string;
  cameraIds: string[];
  cameras: KeptCamera[];
  from: string;
  to: string;
  createdBy: string;
  createdAt: string;
}

export type KeptKind = "bookmark" | "clip" | "hold";

const paths: Record<KeptKind, string> = { bookmark: "/api/bookmarks", clip: "/api/clips", hold: "/api/holds" };

const iso = (ms: number) => new Date(ms).toISOString();

function of(cameraIds: readonly string[], { from, to }: { from: number; to: number }): string {
  return `${cameraIds.map((id) => `cameraId=${encodeURIComponent(id)}&`).join("")}from=${iso(from)}&to=${iso(to)}&limit=500`;
}

/** Bookmarks of some cameras in a span, the newest first; more than 500 are too many to tell apart. */
export function useBookmarks(cameraIds: readonly string[], span: { from: number; to: number }) {
  return useQuery({
    queryKey: ["kept", "bookmark", cameraIds, span],
    queryFn: async ({ signal }) =>
      (await call<Page<Bookmark>>("GET", `${paths.bookmark}?${of(cameraIds, span)}`, undefined, signal)).items,
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });
}

/** Holds in force of some cameras in a span. */
export function useHoldsOf(cameraIds: readonly string[], span: { from: number; to: number }) {
  return useQuery({
    queryKey: ["kept", "hold", cameraIds, span],
    queryFn: async ({ signal }) =>
      (await call<Page<Hold>>("GET", `${paths.hold}?${of(cameraIds, span)}`, undefined, signal)).items,
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });
}

const pageSize = 60;

/** All clips or all holds, page by page, the newest first. */
export function useKeptPages<T>(kind: KeptKind) {
  return useInfiniteQuery({
    queryKey: ["kept", kind, "pages"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      call<Page<T>>(
        "GET",
        `${paths[kind]}?limit=${pageSize}${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ""}`,
        undefined,
        signal,
      ),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    // Whether the recorder has it, and how much of it there is, comes a moment later.
    refetchInterval: 10_000,
  });
}

export function useKeep(kind: KeptKind) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Record<string, unknown>) => call<{ id: string }>("POST", paths[kind], body),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["kept", kind] }),
  });
}

/** Deletes a bookmark or a clip, lifts a hold. */
export function useLetGo(kind: KeptKind) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<void>("DELETE", `${paths[kind]}/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["kept", kind] }),
  });
}
