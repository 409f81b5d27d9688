import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./call";

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

/** What a camera's motors can do. */
export interface PtzAbilities {
  move: boolean;
  step: boolean;
  position: boolean;
  /** A point of the picture to its middle. */
  centre: boolean;
  zoom: boolean;
  home: boolean;
  presets: boolean;
}

export interface PtzView {
  /** Shares of what the mechanics reach, 0 to 1; absent where it does not say. */
  position?: { pan?: number | null; tilt?: number | null; zoom?: number | null } | null;
  moving: boolean;
  can: PtzAbilities;
  /** Who steers it now, and until when nobody else can. */
  controller?: { username: string; until: string } | null;
}

export interface PtzPreset {
  id: string;
  name: string;
}

const base = (cameraId: string) => `/api/cameras/${cameraId}/ptz`;
const presetsKey = (cameraId: string) => ["ptz-presets", cameraId];

/** Where it looks and who steers it, while somebody wants to know. */
export function usePtz(cameraId: string) {
  return useQuery({
    queryKey: ["ptz", cameraId],
    refetchInterval: 2_000,
    queryFn: ({ signal }) => call<PtzView>("GET", base(cameraId), undefined, signal),
  });
}

/** It moves until `stopPtz`, or for 1.5 s: whoever wants it to go on says so again. */
export const movePtz = (cameraId: string, vector: PtzVector) => call<void>("POST", `${base(cameraId)}/move`, vector);

export const stopPtz = (cameraId: string) => call<void>("POST", `${base(cameraId)}/stop`);

/** Looks at a point of the picture, or so near that a part of it fills it. */
export const aimPtz = (cameraId: string, aim: PtzAim) => call<void>("POST", `${base(cameraId)}/centre`, aim);

export const homePtz = (cameraId: string) => call<void>("POST", `${base(cameraId)}/home`);

export const goToPreset = (cameraId: string, preset: string) =>
  call<void>("POST", `${base(cameraId)}/presets/${encodeURIComponent(preset)}/go`);

export function usePresets(cameraId: string, enabled: boolean) {
  return useQuery({
    queryKey: presetsKey(cameraId),
    enabled,
    staleTime: 30_000,
    queryFn: ({ signal }) => call<{ items: PtzPreset[] }>("GET", `${base(cameraId)}/presets`, undefined, signal),
    select: (page) => page.items,
  });
}

/** Stores where the camera looks now: under a new name, or in the place of one that is there. */
export function useStorePreset(cameraId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (preset: { name: string } | { id: string }) =>
      "id" in preset
        ? call<unknown>("PUT", `${base(cameraId)}/presets/${encodeURIComponent(preset.id)}`)
        : call<unknown>("POST", `${base(cameraId)}/presets`, preset),
    onSettled: () => queries.invalidateQueries({ queryKey: presetsKey(cameraId) }),
  });
}

export function useDeletePreset(cameraId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<void>("DELETE", `${base(cameraId)}/presets/${encodeURIComponent(id)}`),
    onSettled: () => queries.invalidateQueries({ queryKey: presetsKey(cameraId) }),
  });
}
