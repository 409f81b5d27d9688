import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

/** A program that reports events over the bus; never its password. */
export type SensorView = Schemas["SensorView"];
/** The password is shown this once. */
export type SensorWithPassword = Schemas["SensorWithPassword"];

const key = ["sensors"];

export function useSensors() {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => (await api.get("/api/sensors", { signal })).items,
    refetchInterval: 30_000,
  });
}

function useChanged() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: key });
}

export function useAddSensor() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: Schemas["AddSensorRequest"]) => api.post("/api/sensors", { body: request }),
    onSuccess: changed,
  });
}

/** The old password counts no longer. */
export function useRenewSensorPassword() {
  return useMutation({
    mutationFn: (sensorId: string) => api.post("/api/sensors/{sensorId}/password", { path: { sensorId } }),
  });
}

/** It is disconnected within seconds. */
export function useDeleteSensor() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (sensorId: string) => api.delete("/api/sensors/{sensorId}", { path: { sensorId } }),
    onSettled: changed,
  });
}
