import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

export type Export = Schemas["ExportView"];
export type ExportRequest = Schemas["RequestExportRequest"];
export type ExportFormat = Export["format"];
/** What is burnt into the pictures besides the watermark. */
export type BurnIn = Schemas["BurnIn"];

/** x, y, width and height in parts of the picture, from its upper left corner. */
export type Box = [number, number, number, number];

const key = ["exports"];

export const isOpen = (e: Export) => e.state === "queued" || e.state === "running";

/** Newest first; asked every second while one is being made. */
export function useExports() {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      api.get("/api/exports", { query: { limit: 50, ...(pageParam && { cursor: pageParam }) }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: (query) => (query.state.data?.pages.some((p) => p.items.some(isOpen)) ? 1_000 : 10_000),
  });
}

/** Of how much of a time an export cannot hide faces, because nobody looked for people. */
export function useFaceCoverage(cameraIds: readonly string[], range: { from: number; to: number }) {
  return useQuery({
    queryKey: ["faces in exports", cameraIds, range.from, range.to],
    queryFn: ({ signal }) =>
      api.get("/api/exports/faces", {
        query: {
          cameraId: [...cameraIds],
          from: new Date(range.from).toISOString(),
          to: new Date(range.to).toISOString(),
        },
        signal,
      }),
    enabled: cameraIds.length > 0,
  });
}

export function useRequestExport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: ExportRequest) => api.post("/api/exports", { body: request }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** Removes its files. */
export function useDeleteExport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (exportId: string) => api.delete("/api/exports/{exportId}", { path: { exportId } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** Ends it. Refused once it is over: what was finished meanwhile stays. */
export function useCancelExport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (exportId: string) => api.post("/api/exports/{exportId}/cancel", { path: { exportId } }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** An address that the browser loads by itself, and goes on with where it broke off. */
export async function downloadUrl(e: Export, url: string): Promise<string> {
  const { ticket } = await api.post("/api/tickets", {
    body: { kind: "export", cameraIds: e.cameras.map((c) => c.id), from: e.from, to: e.to },
  });
  return `${url}?ticket=${encodeURIComponent(ticket)}`;
}
