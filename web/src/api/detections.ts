import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
} from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

/** An object that analytics followed through a camera's picture. */
export type DetectionView = Schemas["DetectionView"];
export type DetectionPage = Schemas["PageOfDetectionView"];
export type Counts = Schemas["CountDetectionsResponse"];
export type CountSeries = Schemas["CountDetectionsSeriesView"];

/** Which ones; absent means any. Times are ISO 8601. */
export interface DetectionFilter {
  cameraId?: string[];
  groupId?: string[];
  siteId?: string[];
  class?: string[];
  plate?: string;
  state?: string;
  zone?: string;
  line?: string;
  direction?: string;
  motion?: string;
  heading?: string;
  minSeconds?: number;
  maxSeconds?: number;
  minSize?: number;
  maxSize?: number;
  minConfidence?: number;
  from?: string;
  to?: string;
}

export interface CountWish {
  of: Counts["of"];
  by: Counts["by"];
  timeZone: string;
}

export type ReviewState = "new" | "confirmed" | "false";

const key = ["detections"];
export const detectionPageSize = 48;

/** The newest first, page by page. Of another time, what was there before stays until the answer is there. */
export function useDetections(filter: DetectionFilter) {
  return useInfiniteQuery({
    queryKey: [...key, "list", filter],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.get("/api/detections", {
        query: { ...filter, limit: detectionPageSize, ...(pageParam && { cursor: pageParam }) },
        signal,
      }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before, query) =>
      query && isSameButTime(query.queryKey[2] as DetectionFilter, filter) ? before : undefined,
  });
}

const isSameButTime = (a: DetectionFilter, b: DetectionFilter): boolean => {
  const rest = (filter: DetectionFilter) => JSON.stringify({ ...filter, from: null, to: null });
  return rest(a) === rest(b);
};

/** One page from the newest on. */
export const newestDetections = (filter: DetectionFilter) =>
  api.get("/api/detections", { query: { ...filter, limit: detectionPageSize } });

/** How many there are, over time; the last answer stays until the next one is there. */
export function useCounts(filter: DetectionFilter & { from: string }, wish: CountWish, enabled = true) {
  return useQuery({
    queryKey: [...key, "counts", filter, wish],
    enabled,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }): Promise<Counts> =>
      api.get("/api/detections/counts", { query: { ...filter, ...wish }, signal }),
  });
}

type Pages = InfiniteData<DetectionPage, string>;

const isSame = (a: DetectionView, b: DetectionView) => a.id === b.id && a.at === b.at;

/** Says whether a detection was right. Shown at once in every list, and taken back where the server refuses. */
export function useReviewDetection() {
  const queries = useQueryClient();
  const show = (of: DetectionView, change: (d: DetectionView) => DetectionView) =>
    queries.setQueriesData<Pages>({ queryKey: [...key, "list"] }, (lists) =>
      mapped(lists, (d) => (isSame(d, of) ? change(d) : d)),
    );
  return useMutation({
    mutationFn: ({ detection, state }: { detection: DetectionView; state: ReviewState }) =>
      api.patch("/api/detections/{id}", { path: { id: detection.id }, query: { at: detection.at }, body: { state } }),
    onMutate: ({ detection, state }) => show(detection, (d) => ({ ...d, state })),
    onError: (_, { detection }) => show(detection, () => detection),
    onSuccess: (reviewed) => {
      // Of what was looked for the answer knows nothing.
      show(reviewed, ({ matchedAt }) => ({ ...reviewed, matchedAt }));
      void queries.invalidateQueries({ queryKey: [...key, "counts"] });
    },
  });
}

/** With its event and its pictures. */
export function useDeleteDetection() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (detection: DetectionView) =>
      api.delete("/api/detections/{id}", { path: { id: detection.id }, query: { at: detection.at } }),
    onSuccess: (_, gone) => {
      queries.setQueriesData<Pages>(
        { queryKey: [...key, "list"] },
        (lists) =>
          lists && {
            ...lists,
            pages: lists.pages.map((p) => ({ ...p, items: p.items.filter((d) => !isSame(d, gone)) })),
          },
      );
      void queries.invalidateQueries({ queryKey: [...key, "counts"] });
    },
  });
}

function mapped(lists: Pages | undefined, change: (d: DetectionView) => DetectionView): Pages | undefined {
  return lists && { ...lists, pages: lists.pages.map((p) => ({ ...p, items: p.items.map(change) })) };
}
