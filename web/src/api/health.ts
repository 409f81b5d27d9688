import { useQuery } from "@tanstack/react-query";
import { api } from "./client";
import { isRefusal } from "./problem";
import type { Schemas } from "./types";

export type StreamStatus = Schemas["StreamingStatusStreamStatus"];
export type StreamingStatus = Schemas["StreamingStatusResponse"];
export type PlaneHealth = Schemas["PlaneHealthResponse"];
export type InfrastructureService = Schemas["InfrastructureService"];

export const planes = ["control", "media", "recorder", "ai"] as const;
export type Plane = (typeof planes)[number];

/** What a plane says of itself; null while it does not answer, which is an answer, too: it stays while it is asked again. */
export function usePlaneHealth(plane: Plane) {
  return useQuery({
    queryKey: ["plane", plane],
    queryFn: async ({ signal }): Promise<PlaneHealth | null> => {
      try {
        return await api.get("/health/planes/{plane}", { path: { plane }, signal });
      } catch (e) {
        if (signal.aborted || isRefusal(e)) throw e;
        return null;
      }
    },
    refetchInterval: 3_000,
  });
}

/** NATS and PostgreSQL. */
export function useInfrastructure() {
  return useQuery({
    queryKey: ["health", "infrastructure"],
    queryFn: ({ signal }) => api.get("/health/infrastructure", { signal }),
    refetchInterval: 10_000,
    retry: 1,
  });
}
