import { useQuery } from "@tanstack/react-query";
import { api } from "@/api/client";

/** Whether the camera, analytics or another program ever reported anything for a camera; undefined while that is not known. */
export function useHasReports(cameraId: string | undefined, wanted: boolean): boolean | undefined {
  return useQuery({
    queryKey: ["events", "reported", cameraId],
    queryFn: ({ signal }) =>
      api.get("/api/events", { query: { cameraId: cameraId!, reported: true, limit: 1 }, signal }),
    enabled: wanted && cameraId !== undefined,
    select: (page) => page.items.length > 0,
  }).data;
}
