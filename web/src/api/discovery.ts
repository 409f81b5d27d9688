import { useMutation, useQuery } from "@tanstack/react-query";
import { call } from "./call";
import { ApiError } from "./problem";
import type { Camera } from "./types";

/** A device that answered a scan. */
export interface DiscoveredView {
  /** Where its answer came from. */
  ip: string;
  /** Of its device service. */
  xaddrs: string[];
  name: string;
  model?: string | null;
  mac?: string | null;
  /** A camera of ours has this address. */
  known: boolean;
  lastSeenAt: string;
}

export interface ScanView {
  scanId: string;
  state: "running" | "done" | "failed";
  subnet?: string | null;
  startedAt: string;
  error?: string | null;
  devices: DiscoveredView[];
}

export interface OnboardCameraRequest {
  ip: string;
  port?: number;
  username?: string;
  password?: string;
  name?: string;
}

/** The devices come one by one: asked again while it goes on. */
const refreshMs = 700;

/** A scan with what it has found so far; undefined data for one that the server has forgotten. */
export function useScan(scanId: string | null) {
  return useQuery({
    queryKey: ["scan", scanId],
    enabled: scanId !== null,
    queryFn: ({ signal }) => call<ScanView>("GET", `/api/discovery/${scanId}`, undefined, signal),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? refreshMs : false),
  });
}

/** Of a network like 192.168.1.0/24, or (null) of those that the server is in. */
export function useStartScan() {
  return useMutation({
    mutationFn: (subnet: string | null) =>
      call<{ scanId: string }>("POST", "/api/discovery/scan", subnet ? { subnet } : {}),
  });
}

/** The server asks the device for its streams, and adds it. A password is tried once. */
export const onboard = (request: OnboardCameraRequest) => call<Camera>("POST", "/api/cameras/onboard", request);

/** A scan that was, before the server started anew. */
export const isForgotten = (error: unknown) => error instanceof ApiError && error.code === "scanNotFound";
