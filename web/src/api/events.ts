import { useQuery } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Page } from "@/api/types";

/** Whether the camera, analytics or another program ever reported anything for a camera; undefined while that is not known. */
export function useHasReports(cameraId: string | undefined, wanted: boolean): boolean | undefined {
  return useQuery({
    queryKey: ["events", "reported", cameraId],
    queryFn: ({ signal }) =>
      call<Page<unknown>>(
        "GET",
        `/api/events?cameraId=${encodeURIComponent(cameraId!)}&reported=true&limit=1`,
        undefined,
        signal,
      ),
    enabled: wanted && cameraId !== undefined,
    select: (page) => page.items.length > 0,
  }).data;
}
