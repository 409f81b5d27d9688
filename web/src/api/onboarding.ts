import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "./call";
import type { Camera } from "./types";

/** A device, which is asked by ONVIF, or the address of a stream. */
export type DeviceOrStream =
  | { ip: string; port?: number; username?: string; password?: string }
  | { mainUrl: string; subUrl?: string; username?: string; password?: string };

/** What a device or a stream shows before anything is stored. */
export interface TestCameraResponse {
  device?: { maker: string; model: string; firmware: string } | null;
  streams: { role: string; codec: string; width: number; height: number; fps?: number | null }[];
  /** A data: URL. */
  picture?: string | null;
  /** The camera that has this address already. */
  known?: { cameraId: string; name: string } | null;
}

/** Asks once: a wrong password is tried once. */
export function useTestCamera() {
  return useMutation({
    // A test looks at the large stream alone.
    mutationFn: (what: DeviceOrStream) =>
      call<TestCameraResponse>("POST", "/api/cameras/test", { ...what, subUrl: undefined }),
  });
}

/** Another device takes the camera's place: its id, recordings, rights and settings stay. */
export function useReplaceCamera(cameraId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (by: DeviceOrStream) => call<Camera>("POST", `/api/cameras/${cameraId}/replace`, by),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["cameras"] });
      void queries.invalidateQueries({ queryKey: ["device", cameraId] });
    },
  });
}
