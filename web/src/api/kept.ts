import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

/** Bookmarks, clips and legal holds: footage that somebody marked, and that is kept for it. */

export type Bookmark = Schemas["BookmarkView"];
export type Clip = Schemas["ClipView"];
export type Hold = Schemas["HoldView"];
/** One camera of it, and what of its range is there. */
export type KeptCamera = Schemas["KeptView"];
/** What is to be kept: which of the fields, by its kind. */
export type KeptInput = Schemas["AddBookmarkRequest"] & Schemas["AddClipRequest"] & Schemas["MakeHoldRequest"];

export type KeptKind = "bookmark" | "clip" | "hold";

const paths = { bookmark: "/api/bookmarks", clip: "/api/clips", hold: "/api/holds" } as const;

/** More of one span than this are too many to tell apart. */
const most = 500;

const iso = (ms: number) => new Date(ms).toISOString();

const of = (cameraIds: readonly string[], { from, to }: { from: number; to: number }) => ({
  cameraId: [...cameraIds],
  from: iso(from),
  to: iso(to),
  limit: most,
});

/** Bookmarks of some cameras in a span, the newest first. */
export function useBookmarks(cameraIds: readonly string[], span: { from: number; to: number }) {
  return useQuery({
    queryKey: ["kept", "bookmark", cameraIds, span],
    queryFn: async ({ signal }): Promise<Bookmark[]> =>
      (await api.get(paths.bookmark, { query: of(cameraIds, span), signal })).items,
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });
}

/** Holds in force of some cameras in a span. */
export function useHoldsOf(cameraIds: readonly string[], span: { from: number; to: number }) {
  return useQuery({
    queryKey: ["kept", "hold", cameraIds, span],
    queryFn: async ({ signal }): Promise<Hold[]> =>
      (await api.get(paths.hold, { query: of(cameraIds, span), signal })).items,
    placeholderData: (before) => before,
    refetchInterval: 30_000,
  });
}

const pageSize = 60;

interface Pages {
  clip: { items: Clip[]; nextCursor: string | null };
  hold: { items: Hold[]; nextCursor: string | null };
}

/** All clips or all holds, page by page, the newest first. */
export function useKeptPages<K extends keyof Pages>(kind: K) {
  return useInfiniteQuery({
    queryKey: ["kept", kind, "pages"],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }): Promise<Pages[K]> => {
      const query = { limit: pageSize, ...(pageParam && { cursor: pageParam }) };
      return (await api.get(paths[kind] as "/api/clips" | "/api/holds", { query, signal })) as Pages[K];
    },
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    // Whether the recorder has it, and how much of it there is, comes a moment later.
    refetchInterval: 10_000,
  });
}

export function useKeep(kind: KeptKind) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: KeptInput) => api.post(paths[kind], { body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["kept", kind] }),
  });
}

/** Deletes a bookmark or a clip, lifts a hold. */
export function useLetGo(kind: KeptKind) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      await api.delete(`${paths[kind]}/{id}`, { path: { id } });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["kept", kind] }),
  });
}
