import { useQuery } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

export type StreamStatus = Schemas["StreamingStatusStreamStatus"];
export type StreamingStatus = Schemas["StreamingStatusResponse"];
export type PlaneHealth = Schemas["PlaneHealthResponse"];
export type InfrastructureService = Schemas["InfrastructureService"];

export const planes = ["control", "media", "recorder", "ai"] as const;
export type Plane = (typeof planes)[number];

/** What a plane says of itself; an error while it does not answer. */
export function usePlaneHealth(plane: Plane) {
  return useQuery({
    queryKey: ["plane", plane],
    queryFn: ({ signal }) => api.get("/health/planes/{plane}", { path: { plane }, signal }),
    refetchInterval: 3_000,
    retry: false,
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
