import { VideoOff } from "lucide-react";
import { useEvent, type EventView } from "@/api/events";
import type { Camera } from "@/api/types";
import { eventWords } from "@/events/eventWords";
import { Marks } from "@/picture/Marks";
import { boxThen, shapeOf, trackOf } from "@/picture/marks";
import { Still } from "@/picture/Still";
import { dataOf } from "./eventFacts";
import { isOfTheMoment, stillCaption } from "./stillCaption";
import { words } from "./words";

/** The picture of the event's time with what was seen in it: the box, the way of the object, the line or zone. */
export function EventStill({ event, camera }: { event: EventView; camera: Camera | undefined }) {
  // Lists leave out the way of an object. Nobody knows where it stood before that is known.
  const whole = useEvent(event.id, event.at).data;
  const known = whole && dataOf(whole);
  const shape = shapeOf(event, camera);
  const track = known ? trackOf(known.path) : null;
  return (
    <Still
      cameraId={event.cameraId!}
      at={event.at}
      takenUrl={event.snapshotUrl}
      alt={words.stillOf(eventWords(event.type))}
      className="rounded-lg"
      marks={(source) => {
        const { snapshot } = event;
        if (source === "taken" && snapshot?.missing) return null;
        // Earlier or later the object is elsewhere.
        const isThere = source === "made" || isOfTheMoment(event);
        return (
          <Marks box={known && isThere ? boxThen({ ...known, box: whole.box }) : null} track={track} shape={shape} />
        );
      }}
      caption={(source) =>
        [
          source === "taken" ? stillCaption(event) : words.stillRecorded,
          track && words.pathDrawn,
          shape && words.shapeNow,
        ]
          .filter(Boolean)
          .join(" ")
      }
      none={
        <p className="bg-raised text-soft flex aspect-video flex-col items-center justify-center gap-2 rounded-lg p-4 text-[13px]">
          <VideoOff className="text-faint size-6 stroke-[1.5]" aria-hidden />
          {words.noStill}
        </p>
      }
    />
  );
}
