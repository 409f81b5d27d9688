import type { EventView } from "@/api/events";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** Pictures are some hundredths of a second apart: what is nearer than this is of the moment. */
const ofTheMomentMs = 1_000;

/** What a still shows, where that is not what one expects: of another time, of the small stream, or nothing. */
export function stillCaption({ snapshot, at }: Pick<EventView, "snapshot" | "at">): string {
  if (!snapshot) return words.stillTaken;
  const { stream, capturedAt, missing } = snapshot;
  if (missing !== null) return missing === "undecodable" ? words.stillUndecodable : words.stillMissing;
  const lateMs = capturedAt === null ? 0 : Date.parse(capturedAt) - Date.parse(at);
  const seconds = number(Math.abs(lateMs) / 1_000, 1);
  const when =
    Math.abs(lateMs) < ofTheMomentMs
      ? words.stillTaken
      : lateMs > 0
        ? words.stillLate(seconds)
        : words.stillEarly(seconds);
  return stream === "sub" ? `${when} ${words.stillSmall}` : when;
}
