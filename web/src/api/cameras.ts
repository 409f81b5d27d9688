import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Camera, CameraInput, Page } from "@/api/types";
import { words } from "./words";

const key = ["cameras"];

/** All cameras, kept fresh by polling until a `camera.state` message says more. */
export function useCameras() {
  return useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const cameras: Camera[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await call<Page<Camera>>(
          "GET",
          `/api/cameras?limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
          undefined,
          signal,
        );
        cameras.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor);
      return cameras;
    },
    refetchInterval: 3_000,
  });
}

export function useSaveCamera(camera: Camera | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: CameraInput) =>
      camera ? call<Camera>("PATCH", `/api/cameras/${camera.id}`, input) : call<Camera>("POST", "/api/cameras", input),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

export function useDeleteCamera() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, recordings }: { id: string; recordings: "keep" | "delete" }) =>
      call<void>("DELETE", `/api/cameras/${id}${recordings === "delete" ? "?recordings=delete" : ""}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: key }),
  });
}

/** Starts a recording by hand, or ends it. */
export function useManualRecording(cameraId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (on: boolean) =>
      on
        ? call<unknown>("POST", `/api/cameras/${cameraId}/record`, { reason: words.startedFromLive })
        : call<unknown>("DELETE", `/api/cameras/${cameraId}/record`),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
  });
}
