import type { RecordingMode } from "@/api/types";

/** In the order in which they are offered. */
export const modes: readonly RecordingMode[] = ["continuous", "motion", "event", "off"];
