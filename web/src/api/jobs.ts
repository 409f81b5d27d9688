import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "./client";
import { onFeed, type FeedMessage } from "./feed";
import type { Schemas } from "./types";

/** Long work. What `done` counts depends on the kind: cameras, lines or bytes. In lists, `result` is without what is a list itself. */
export type JobView = Schemas["JobView"];

const key = ["jobs"];

/** As many as are worth a look; older ones are over. */
const shown = 30;

export const isOpenJob = ({ state }: JobView): boolean => state === "queued" || state === "running";

/** The latest, the newest first: asked now and then, and told at once by the feed. */
export function useJobs(enabled: boolean) {
  const queries = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    const stopJobs = onFeed<FeedMessage & { job: JobView }>("job", ({ job }) =>
      queries.setQueryData<JobView[]>(key, (jobs) => jobs && withJob(jobs, job)),
    );
    const stopOpen = onFeed("open", () => void queries.invalidateQueries({ queryKey: key }));
    return () => {
      stopJobs();
      stopOpen();
    };
  }, [enabled, queries]);
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await api.get("/api/jobs", { query: { limit: shown }, signal })).items,
    enabled,
    // Exports do not tell on the feed.
    refetchInterval: (query) => (query.state.data?.some(isOpenJob) ? 2_000 : 20_000),
  });
}

/** One job until it is over. */
export function useJob(id: string | null) {
  return useQuery({
    queryKey: [...key, id],
    enabled: id !== null,
    queryFn: ({ signal }) => api.get("/api/jobs/{id}", { path: { id: id! }, signal }),
    refetchInterval: ({ state }) => (!state.data || isOpenJob(state.data) ? 1_000 : false),
  });
}

/** The list with what a job is now; a new one comes first. */
export function withJob(jobs: readonly JobView[], job: JobView): JobView[] {
  return jobs.some((j) => j.id === job.id)
    ? jobs.map((j) => (j.id === job.id ? job : j))
    : [job, ...jobs].slice(0, shown);
}

/** Moves recordings of a time from one storage pool to another; the server says at once why it cannot be. */
export function useStartMove() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (move: Omit<Schemas["StartJobRequest"], "kind" | "level">) =>
      api.post("/api/jobs", { body: { kind: "move", level: null, ...move } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** What it did until then stays. */
export function useCancelJob() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.delete("/api/jobs/{id}", { path: { id } }),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}
