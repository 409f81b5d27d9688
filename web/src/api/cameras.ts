import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Camera, CameraInput } from "@/api/types";
import { allPages } from "./allPages";
import { ifMatch, useFirst } from "./version";
import { words } from "./words";

const key = ["cameras"];

/** All cameras, kept fresh by polling until a `camera.state` message says more. */
export function useCameras(enabled = true) {
  return useQuery({
    queryKey: key,
    enabled,
    queryFn: ({ signal }) => allPages(api.each("/api/cameras", { query: { limit: 200 }, signal })),
    refetchInterval: 3_000,
  });
}

export function useSaveCamera(camera: Camera | null) {
  const version = useFirst(camera?.generation);
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: CameraInput) =>
      camera
        ? api.patch("/api/cameras/{id}", { path: { id: camera.id }, body: input, ...ifMatch(version) })
        : api.post("/api/cameras", { body: input }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

export function useDeleteCamera() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ camera, recordings }: { camera: Camera; recordings: "keep" | "delete" }) =>
      api.delete("/api/cameras/{id}", {
        path: { id: camera.id },
        query: { recordings },
        ...ifMatch(camera.generation),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** Starts a recording by hand, or ends it. */
export function useManualRecording(cameraId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (on: boolean) => {
      const path = { id: cameraId };
      if (on) await api.post("/api/cameras/{id}/record", { path, body: { reason: words.startedFromLive } });
      else await api.delete("/api/cameras/{id}/record", { path });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}
