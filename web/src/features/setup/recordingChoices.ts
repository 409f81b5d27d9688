import type { RecordingInput } from "@/api/types";
import { entriesOf, presets } from "@/features/cameras/schedule";

/** What a new installation is asked; all there is stands in a camera's settings. */
export const choices = ["always", "motion", "workingHours", "nothing"] as const;
export type Choice = (typeof choices)[number];

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function inputOf(choice: Choice): RecordingInput {
  switch (choice) {
    case "always":
      return { mode: "continuous", schedule: null };
    case "motion":
      return { mode: "motion", schedule: null };
    case "nothing":
      return { mode: "off", schedule: null };
    case "workingHours":
      // The week says all of it: what is not on it is off.
      return { mode: "off", schedule: entriesOf(presets.find((p) => p.name === choice)!.week), timeZone: here };
  }
}
