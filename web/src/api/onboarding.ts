import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { Schemas } from "./types";

/** A device, which is asked by ONVIF, or the address of a stream. */
export type DeviceOrStream =
  | { ip: string; port?: number; username?: string; password?: string }
  | { mainUrl: string; username?: string; password?: string };

/** What a device or a stream shows before anything is stored. */
export type TestCameraResponse = Schemas["TestCameraResponse"];

/** Asks once: a wrong password is tried once. */
export function useTestCamera() {
  return useMutation({ mutationFn: (what: DeviceOrStream) => api.post("/api/cameras/test", { body: what }) });
}

/** Another device takes the camera's place: its id, recordings, rights and settings stay. */
export function useReplaceCamera(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (by: DeviceOrStream) => api.post("/api/cameras/{id}/replace", { path: { id }, body: by }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["cameras"] });
      void queries.invalidateQueries({ queryKey: ["device", id] });
    },
  });
}
