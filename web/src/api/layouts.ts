import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { api } from "./client";
import type { Schemas } from "./types";
import { ifMatch } from "./version";

/** Where a camera stands on the wall: the column and row of its upper left corner from 0, and how many of each it spans. */
export type LayoutCell = Schemas["LayoutCell"];
export type LayoutView = Schemas["LayoutView"];

const key = ["layouts"];

/** One's own and the shared ones, in their order. */
export function useLayouts(enabled: boolean) {
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => allPages(api.each("/api/layouts", { query: { limit: 500 }, signal })),
    enabled,
    staleTime: 60_000,
  });
}

/** Refused where it was changed since the `generation` that is sent. */
export function useSaveLayout(id: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (request: Schemas["LayoutRequest"]) =>
      id === null
        ? api.post("/api/layouts", { body: request })
        : api.patch("/api/layouts/{id}", { path: { id }, body: request }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

export function useDeleteLayout() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, generation }: LayoutView) =>
      api.delete("/api/layouts/{id}", { path: { id }, ...ifMatch(generation) }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}
