import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import { isRefusal } from "./problem";
import type { Schemas } from "./types";

/** How fast it pans (right), tilts (up) and zooms (in): each -1 to 1. */
export interface PtzVector {
  pan: number;
  tilt: number;
  zoom: number;
}

/** The middle of a part of the picture, and (without them: a point) its sizes: 0 to 1 from the top left. */
export interface PtzAim {
  x: number;
  y: number;
  width?: number;
  height?: number;
}

export type PtzPreset = Schemas["PresetView"];

const presetsKey = (cameraId: string) => ["ptz-presets", cameraId];

/** A device that does not answer is not pressed; one that cannot be steered, or not by this account, is not asked again. */
export const ptzRefreshMs = (error: unknown): number | false =>
  error === null ? 2_000 : isRefusal(error) ? false : 30_000;

/** Where it looks and who steers it, while somebody wants to know. */
export function usePtz(id: string) {
  return useQuery({
    queryKey: ["ptz", id],
    queryFn: ({ signal }) => api.get("/api/cameras/{id}/ptz", { path: { id }, signal }),
    refetchInterval: ({ state }) => ptzRefreshMs(state.error),
  });
}

/** It moves until `stopPtz`, or for 1.5 s: whoever wants it to go on says so again. */
export const movePtz = (id: string, vector: PtzVector) =>
  api.post("/api/cameras/{id}/ptz/move", { path: { id }, body: vector });

export const stopPtz = (id: string) => api.post("/api/cameras/{id}/ptz/stop", { path: { id } });

/** Looks at a point of the picture, or so near that a part of it fills it. */
export const aimPtz = (id: string, aim: PtzAim) =>
  api.post("/api/cameras/{id}/ptz/centre", { path: { id }, body: aim });

export const homePtz = (id: string) => api.post("/api/cameras/{id}/ptz/home", { path: { id } });

export const goToPreset = (id: string, preset: string) =>
  api.post("/api/cameras/{id}/ptz/presets/{preset}/go", { path: { id, preset } });

export function usePresets(id: string, enabled: boolean) {
  return useQuery({
    queryKey: presetsKey(id),
    enabled,
    staleTime: 30_000,
    queryFn: async ({ signal }) => (await api.get("/api/cameras/{id}/ptz/presets", { path: { id }, signal })).items,
  });
}

/** Stores where the camera looks now: under a new name, or in the place of one that is there. */
export function useStorePreset(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: { name: string } | { preset: string }) => {
      if ("preset" in wanted)
        await api.put("/api/cameras/{id}/ptz/presets/{preset}", { path: { id, preset: wanted.preset }, body: {} });
      else await api.post("/api/cameras/{id}/ptz/presets", { path: { id }, body: wanted });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: presetsKey(id) }),
  });
}

/** Another name for the same place. */
export function useRenamePreset(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ preset, name }: { preset: string; name: string }) =>
      api.patch("/api/cameras/{id}/ptz/presets/{preset}", { path: { id, preset }, body: { name } }),
    onSettled: () => queries.invalidateQueries({ queryKey: presetsKey(id) }),
  });
}

export function useDeletePreset(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (preset: string) => api.delete("/api/cameras/{id}/ptz/presets/{preset}", { path: { id, preset } }),
    onSettled: () => queries.invalidateQueries({ queryKey: presetsKey(id) }),
  });
}
