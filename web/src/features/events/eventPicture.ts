import type { EventView } from "@/api/events";

/** Where an event's picture comes from. */
export type PictureKind = "still" | "crop" | "recorded" | "none";

/** The still that was taken for it, the object that was cut out, else what was recorded then; what concerns no camera has none. */
export function pictureOf(event: Pick<EventView, "snapshotUrl" | "cropUrl" | "cameraId">): PictureKind {
  if (event.snapshotUrl) return "still";
  if (event.cropUrl) return "crop";
  return event.cameraId ? "recorded" : "none";
}
