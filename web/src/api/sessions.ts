import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { api } from "./client";
import type { Schemas } from "./types";

/** One sign-in: a browser, or a program that signed in as a person does. */
export type ListSessionsSessionView = Schemas["ListSessionsSessionView"];

const key = ["sessions"];

/** One's own sign-ins, or everybody's; the newest first. */
export function useSessions(all: boolean) {
  return useQuery({
    queryKey: [...key, all],
    queryFn: ({ signal }) => allPages(api.each("/api/sessions", { query: { all, limit: 200 }, signal })),
    refetchInterval: 30_000,
  });
}

export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (sessionId: string) => api.delete("/api/sessions/{sessionId}", { path: { sessionId } }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** All of one's own but this one. */
export function useEndOtherSessions() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => api.delete("/api/sessions"),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}
