import type { RecordingMode } from "@/api/types";

export const modes: readonly RecordingMode[] = ["continuous", "motion", "event", "off"];

export const modeNames: Record<RecordingMode, string> = {
  continuous: "Always",
  motion: "On motion",
  event: "On events",
  off: "Off",
};
