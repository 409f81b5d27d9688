import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { allPages } from "./allPages";
import { api } from "./client";
import { isRefusal } from "./problem";
import type { Schemas } from "./types";

/** A camera's device as the inventory has it. */
export type Device = Schemas["DeviceListView"];
export type ImagingLevel = Schemas["ImagingNumber"];
/** How the picture is made; null is what the device does not have. */
export type ImagingView = Schemas["ImagingView"];
export type ImagingRequest = Schemas["PatchImagingRequest"];

const deviceKey = (cameraId: string) => ["device", cameraId];
const imagingKey = (cameraId: string) => ["imaging", cameraId];
const relaysKey = (cameraId: string) => ["relays", cameraId];

const notAskedMs = 5_000;

/** Of all cameras, as far as they said what they are. */
export function useDevices() {
  return useQuery({
    queryKey: ["devices"],
    queryFn: ({ signal }) => allPages(api.each("/api/devices", { query: { limit: 1000 }, signal })),
    // A server that is away is asked until it is back; whoever looks is told meanwhile (failureOf).
    retry: (_, error) => !isRefusal(error),
    refetchInterval: 60_000,
  });
}

/**
 * What a camera's device says of itself, as of the last time it was asked.
 * @param enabled nothing is asked without it
 */
export function useDevice(id: string, enabled = true) {
  return useQuery({
    queryKey: deviceKey(id),
    enabled,
    staleTime: 60_000,
    queryFn: ({ signal }) => api.get("/api/cameras/{id}/device", { path: { id }, signal }),
    // A camera that was just added is asked by itself, soon.
    refetchInterval: ({ state }) => (state.data && !state.data.checkedAt ? notAskedMs : 60_000),
  });
}

/** Asks the device anew, at another port where one is named; takes as long as it takes to answer. */
export function useCheckDevice(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (port: number | null) => api.post("/api/cameras/{id}/device/check", { path: { id }, body: { port } }),
    onSuccess: (device) => queries.setQueryData(deviceKey(id), device),
  });
}

export function useImaging(id: string) {
  return useQuery({
    queryKey: imagingKey(id),
    queryFn: ({ signal }) => api.get("/api/cameras/{id}/imaging", { path: { id }, signal }),
    refetchOnWindowFocus: false,
  });
}

/** What it will be when the device takes it. */
export function withChange(view: ImagingView, change: ImagingRequest): ImagingView {
  const next = { ...view };
  for (const name of ["brightness", "contrast", "saturation", "sharpness"] as const) {
    const [level, value] = [view[name], change[name]];
    if (level && value != null) next[name] = { ...level, value };
  }
  if (view.irCut && change.irCut) next.irCut = { ...view.irCut, value: change.irCut };
  if (view.wideDynamicRange && change.wideDynamicRange) {
    const { on, level: value } = change.wideDynamicRange;
    const { level } = view.wideDynamicRange;
    next.wideDynamicRange = {
      on: on ?? view.wideDynamicRange.on,
      level: level && value != null ? { ...level, value } : level,
    };
  }
  if (change.backlightCompensation != null) next.backlightCompensation = change.backlightCompensation;
  if (view.focus && change.focus?.mode) next.focus = { ...view.focus, mode: change.focus.mode };
  return next;
}

export function useChangeImaging(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: ImagingRequest) => api.patch("/api/cameras/{id}/imaging", { path: { id }, body: change }),
    // A device takes a second for it; a switch moves at once.
    onMutate: (change) => queries.setQueryData<ImagingView>(imagingKey(id), (view) => view && withChange(view, change)),
    onSuccess: (imaging) => queries.setQueryData(imagingKey(id), imaging),
    // It may have taken another value than it was sent.
    onError: () => queries.invalidateQueries({ queryKey: imagingKey(id) }),
  });
}

/** @param speed -1 (near) to 1 (far); it moves until it is stopped. */
export const moveFocus = (id: string, speed: number) =>
  api.post("/api/cameras/{id}/imaging/focus", { path: { id }, body: { speed } });

export const stopFocus = (id: string) => api.post("/api/cameras/{id}/imaging/focus/stop", { path: { id } });

export function useRelays(id: string) {
  return useQuery({
    queryKey: relaysKey(id),
    queryFn: async ({ signal }) => (await api.get("/api/cameras/{id}/relays", { path: { id }, signal })).items,
  });
}

export function useSwitchRelay(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ relay, active }: { relay: string; active: boolean }) =>
      api.post("/api/cameras/{id}/relays/{relay}", { path: { id, relay }, body: { active } }),
    onSettled: () => queries.invalidateQueries({ queryKey: relaysKey(id) }),
  });
}
