import { useMutation, useQuery } from "@tanstack/react-query";
import { api } from "./client";
import { ApiError, isRefusal } from "./problem";
import type { JobView } from "./jobs";
import type { Schemas } from "./types";

/** A device that answered a scan. */
export type DiscoveredView = Schemas["DiscoveredView"];
export type OnboardCameraRequest = Schemas["OnboardCameraRequest"];

/** The devices come one by one: asked again while it goes on. */
const refreshMs = 700;

/** A scan with what it has found so far; an error for one that the server has forgotten. */
export function useScan(scanId: string | null) {
  return useQuery({
    queryKey: ["scan", scanId],
    enabled: scanId !== null,
    queryFn: ({ signal }) => api.get("/api/discovery/{scanId}", { path: { scanId: scanId ?? "" }, signal }),
    refetchInterval: ({ state }) => (state.data?.state === "running" && !isRefusal(state.error) ? refreshMs : false),
  });
}

/** Of a network like 192.168.1.0/24, or (null) of those that the server is in. */
export function useStartScan() {
  return useMutation({
    mutationFn: (subnet: string | null) => api.post("/api/discovery/scan", { body: { subnet } }),
  });
}

/** The server asks the device for its streams, and adds it. A password is tried once. */
export const onboard = (request: OnboardCameraRequest) => api.post("/api/cameras/onboard", { body: request });

export type OnboardManyDevice = Schemas["OnboardManyDeviceRequest"];

/** What became of a device of a job. Without a code it was added. */
export interface OnboardedDevice {
  ip: string;
  cameraId: string | null;
  code: string | null;
  detail: string | null;
}

/** The same for many as long work: it goes on when the page is left. */
export const onboardMany = (devices: OnboardManyDevice[]) =>
  api.post("/api/cameras/onboard/many", { body: { devices } });

/** Devices of one job. */
export const maxOnboarded = 500;

/**
 * At the places in which they were asked for. A job that was cancelled, or failed, says which of them it came to; the others' places are
 * empty.
 */
export function onboardedOf({ result }: JobView): readonly (OnboardedDevice | undefined)[] {
  const { devices = [], places } = (result ?? {}) as { devices?: OnboardedDevice[]; places?: number[] };
  if (!places) return devices;
  const all = new Array<OnboardedDevice | undefined>();
  places.forEach((place, i) => (all[place] = devices[i]));
  return all;
}

/** A scan of long ago: the server keeps them for a month. */
export const isForgotten = (error: unknown) => error instanceof ApiError && error.code === "scanNotFound";
