import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Camera, Schemas } from "./types";
import { ifMatch } from "./version";

/** What is looked for in a camera's pictures. */
export type Analytics = Camera["analytics"];
export type AnalyticsInput = Schemas["AnalyticsRequest"];
export type Zone = Analytics["zones"][number];
export type Line = Analytics["lines"][number];
export type ActiveTimes = NonNullable<Zone["schedule"]>;
export type ActiveSpan = ActiveTimes["spans"][number];
/** How the analysis of a stream goes. */
export type Analysis = Schemas["AiStatusAnalysisView"];

/** Changes what is looked for, as long as the camera is as it was read: `generation`. */
export function useSaveAnalytics(cameraId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ analytics, generation }: { analytics: AnalyticsInput; generation: number }) =>
      api.patch("/api/cameras/{id}", { path: { id: cameraId }, body: { analytics }, ...ifMatch(generation) }),
    onSuccess: (saved) => {
      queries.setQueryData<Camera[]>(["cameras"], (all) => all?.map((c) => (c.id === saved.id ? saved : c)));
      return queries.invalidateQueries({ queryKey: ["cameras"] });
    },
  });
}

/** What zones and lines would have told. */
export type AnalyticsTrial = Schemas["DryRunAnalyticsOutcome"];

/** What they would have told of the objects of the last so many days; nothing is stored. */
export function useAnalyticsTrial(cameraId: string) {
  return useMutation({
    mutationFn: ({ analytics, days }: { analytics: AnalyticsInput; days: number }) => {
      const to = Date.now();
      const from = to - days * 24 * 60 * 60 * 1000;
      return api.post("/api/cameras/{id}/analytics/dry-run", {
        path: { id: cameraId },
        body: { analytics, from: new Date(from).toISOString(), to: new Date(to).toISOString() },
      });
    },
  });
}

/** A model that pictures can be analysed with. */
export type Model = Schemas["ListModelsModelView"];

/** Those that the server has, and the one that `default` stands for. */
export function useModels() {
  return useQuery({
    queryKey: ["ai-models"],
    queryFn: ({ signal }) => api.get("/api/ai/models", { signal }),
  });
}

/** How the analysis of one camera goes; `null` where there is none. */
export function useAnalysis(cameraId: string, enabled: boolean) {
  return useQuery({
    queryKey: ["ai-status"],
    enabled,
    queryFn: ({ signal }) => api.get("/api/ai/status", { signal }),
    select: ({ available, analyses }) => ({
      available,
      analysis: analyses.find((a) => a.cameraId === cameraId) ?? null,
    }),
    refetchInterval: 3_000,
  });
}
