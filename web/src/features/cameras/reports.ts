import type { Camera } from "@/api/types";

/**
 * What to say where recording waits for motion or events: nothing, where they come.
 * @param camera null while it is being added.
 * @param hasReports of events in the past; undefined while that is not known.
 */
export function reportWarning(camera: Camera | null, hasReports: boolean | undefined): string | null {
  if (camera === null)
    return "Motion and events come from the camera's ONVIF metadata, or from another program. Where neither reports any, nothing is recorded.";
  if (camera.streams.some((s) => s.metadata) || hasReports !== false) return null;
  return camera.state === "online"
    ? "This camera sends no ONVIF metadata, and no program has reported anything for it yet: nothing is recorded until one does."
    : "Nothing was ever reported for this camera. Whether it sends ONVIF metadata shows when it is online.";
}
