import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { call } from "./client";

/** Where a camera stands on the wall: the column and row of its upper left corner from 0, and how many of each it spans. */
export interface LayoutCell {
  x: number;
  y: number;
  /** Null: nothing, or a camera that one may not see, or that is gone. */
  cameraId?: string | null;
  width?: number | null;
  height?: number | null;
  stream?: "auto" | "main" | "sub" | null;
}

export interface LayoutView {
  id: string;
  name: string;
  grid: "1" | "4" | "9" | "16" | "custom";
  columns: number;
  rows: number;
  /** Everybody has it; else the owner alone. */
  shared: boolean;
  order: number;
  cells: LayoutCell[];
  owner: string;
  /** One may change and delete it. */
  editable: boolean;
  generation: number;
}

export interface LayoutRequest {
  name: string;
  grid: LayoutView["grid"];
  /** Of a custom grid alone. */
  columns?: number;
  rows?: number;
  shared: boolean;
  cells: LayoutCell[];
  /** Refused where it was changed since. */
  generation?: number;
}

const key = ["layouts"];

/** One's own and the shared ones, in their order. */
export function useLayouts(enabled: boolean) {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => allPages<LayoutView>("/api/layouts", 500, signal),
    enabled,
    staleTime: 60_000,
  });
}

export function useSaveLayout(id: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: LayoutRequest) =>
      id === null
        ? call<LayoutView>("POST", "/api/layouts", request)
        : call<LayoutView>("PATCH", `/api/layouts/${id}`, request),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

export function useDeleteLayout() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<void>("DELETE", `/api/layouts/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}
