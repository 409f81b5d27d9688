import type { Camera } from "@/api/types";
import { words } from "./words";

/**
 * What to say where recording waits for motion or events: nothing, where they come.
 * @param camera null while it is being added.
 * @param hasReports of events in the past; undefined while that is not known.
 */
export function reportWarning(camera: Camera | null, hasReports: boolean | undefined): string | null {
  if (camera === null) return words.reportsOfNew;
  if (camera.streams.some((s) => s.metadata) || hasReports !== false) return null;
  return camera.state === "online" ? words.noReports : words.noReportsAway;
}
