import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "./client";
import type { Page } from "./types";

export type ExportState = "queued" | "running" | "done" | "failed" | "cancelled" | "deleted" | "expired";

export interface ExportFile {
  name: string;
  bytes: number;
  sha256: string;
  url: string;
  cameraId?: string | null;
}

export type ExportFormat = "mp4" | "mkv";

/** x, y, width and height in parts of the picture, from its upper left corner. */
export type Box = [number, number, number, number];

/** What is burnt into the pictures besides the watermark. */
export interface BurnIn {
  time: boolean;
  /** Whose wall clock is shown; absent: UTC. */
  timeZone?: string | null;
  masks: { cameraId?: string | null; box: Box }[];
}

export interface Export {
  id: string;
  state: ExportState;
  /** 0 to 1. */
  progress: number;
  /** Why it failed, or what it waits for. */
  error?: { code: string; message: string } | null;
  cameras: { id: string; name: string }[];
  from: string;
  to: string;
  format: ExportFormat;
  watermark?: string | null;
  burnIn?: BurnIn | null;
  note: string;
  requestedBy: string;
  requestedAt: string;
  finishedAt?: string | null;
  expiresAt?: string | null;
  bytesDone: number;
  bytesTotal?: number | null;
  files: ExportFile[];
  zipUrl?: string | null;
  zipBytes?: number | null;
}

export interface ExportRequest {
  cameras: string[];
  from: string;
  to: string;
  format: ExportFormat;
  watermark?: string;
  burnIn?: BurnIn;
  note: string;
}

const key = ["exports"];

export const isOpen = (e: Export) => e.state === "queued" || e.state === "running";

/** Newest first; asked every second while one is being made. */
export function useExports() {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      call<Page<Export>>(
        "GET",
        `/api/exports?limit=50${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ""}`,
        undefined,
        signal,
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: (query) => (query.state.data?.pages.some((p) => p.items.some(isOpen)) ? 1_000 : 10_000),
  });
}

export function useRequestExport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: ExportRequest) => call<{ id: string }>("POST", "/api/exports", request),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** Removes its files. */
export function useDeleteExport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<void>("DELETE", `/api/exports/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** Ends it. Refused once it is over: what was finished meanwhile stays. */
export function useCancelExport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<void>("POST", `/api/exports/${id}/cancel`),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** An address that the browser loads by itself, and goes on with where it broke off. */
export async function downloadUrl(e: Export, url: string): Promise<string> {
  const { ticket } = await call<{ ticket: string }>("POST", "/api/tickets", {
    kind: "export",
    cameraIds: e.cameras.map((c) => c.id),
    from: e.from,
    to: e.to,
  });
  return `${url}?ticket=${encodeURIComponent(ticket)}`;
}
