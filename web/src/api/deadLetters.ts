import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

/** Something that was to be told and did not arrive. */
export type DeadLetter = Schemas["DeadLetter"];

const key = ["dead-letters"];

/** The newest first, a page at a time. */
export function useDeadLetters() {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      api.get("/api/outbox/dead", { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 30_000,
  });
}

function useChanged() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: key });
}

/** It waits for its turn again, as if it were new. */
export function useRetryDeadLetter() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (letterId: string) => api.post("/api/outbox/dead/{letterId}/retry", { path: { letterId } }),
    onSettled: changed,
  });
}

export function useDeleteDeadLetter() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (letterId: string) => api.delete("/api/outbox/dead/{letterId}", { path: { letterId } }),
    onSettled: changed,
  });
}
