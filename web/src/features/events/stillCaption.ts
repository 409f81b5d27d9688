import type { EventView } from "@/api/events";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** Pictures are some hundredths of a second apart: what is nearer than this is of the moment. */
const ofTheMomentMs = 1_000;

const lateMsOf = ({ snapshot, at }: Pick<EventView, "snapshot" | "at">): number =>
  snapshot?.capturedAt ? Date.parse(snapshot.capturedAt) - Date.parse(at) : 0;

/** Whether the still shows the event's own moment. */
export const isOfTheMoment = (event: Pick<EventView, "snapshot" | "at">): boolean =>
  Math.abs(lateMsOf(event)) < ofTheMomentMs;

/** What a still shows, where that is not what one expects: of another time, of the small stream, or nothing. */
export function stillCaption(event: Pick<EventView, "snapshot" | "at">): string {
  if (!event.snapshot) return words.stillTaken;
  const { stream, missing } = event.snapshot;
  if (missing === "tooOld") return words.noStill;
  if (missing !== null) return missing === "undecodable" ? words.stillUndecodable : words.stillMissing;
  const lateMs = lateMsOf(event);
  const seconds = number(Math.abs(lateMs) / 1_000, 1);
  const when = isOfTheMoment(event)
    ? words.stillTaken
    : lateMs > 0
      ? words.stillLate(seconds)
      : words.stillEarly(seconds);
  return stream === "sub" ? `${when} ${words.stillSmall}` : when;
}
