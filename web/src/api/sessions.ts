import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { call } from "./client";

/** One sign-in: a browser, or a program that signed in as a person does. */
export interface ListSessionsSessionView {
  id: string;
  userId: string;
  username: string;
  address: string;
  userAgent: string;
  startedAt: string;
  lastUsedAt: string;
  /** The one that asks. */
  current: boolean;
}

const key = ["sessions"];

/** One's own sign-ins, or everybody's; the newest first. */
export function useSessions(all: boolean) {
  return useQuery({
    queryKey: [...key, all],
    queryFn: ({ signal }) => allPages<ListSessionsSessionView>(`/api/sessions?all=${all}`, 200, signal),
    refetchInterval: 30_000,
  });
}

export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<void>("DELETE", `/api/sessions/${id}`),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** All of one's own but this one. */
export function useEndOtherSessions() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call<void>("DELETE", "/api/sessions"),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}
