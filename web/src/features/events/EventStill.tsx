import { VideoOff } from "lucide-react";
import { useState } from "react";
import { useEvent, type EventView } from "@/api/events";
import { exactPictureUrl, usePictureTicket } from "@/api/recordedPictures";
import type { Camera } from "@/api/types";
import { Skeleton } from "@/components/States";
import { eventWords } from "@/events/eventWords";
import { dataOf } from "./eventFacts";
import { Marks } from "./Marks";
import { boxThen, shapeOf, trackOf } from "./marks";
import { stillCaption } from "./stillCaption";
import { words } from "./words";

/** Pixels of a picture that no still was taken of. */
const width = 960;

/** The picture of the event's time with what was seen in it: the box, the way of the object, the line or zone. */
export function EventStill({ event, camera }: { event: EventView; camera: Camera | undefined }) {
  const ticket = usePictureTicket();
  // Lists leave out the way of an object. Nobody knows where it stood before that is known.
  const whole = useEvent(event.id, event.at);
  const [lost, setLost] = useState(false);
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  const taken = event.snapshotUrl !== null && !lost;
  const url =
    ticket &&
    (taken
      ? `${event.snapshotUrl}&ticket=${encodeURIComponent(ticket)}`
      : exactPictureUrl(event.cameraId!, Date.parse(event.at), ticket, width));
  const shape = shapeOf(event, camera);
  const track = whole.data ? trackOf(dataOf(whole.data)) : null;
  if (state === "failed")
    return (
      <p className="bg-raised text-soft flex aspect-video flex-col items-center justify-center gap-2 rounded-lg p-4 text-[13px]">
        <VideoOff className="text-faint size-6 stroke-[1.5]" aria-hidden />
        {words.noStill}
      </p>
    );
  return (
    <figure>
      <div className="pictures relative overflow-hidden rounded-lg bg-black">
        {state === "loading" && <Skeleton className="aspect-video rounded-none" />}
        {url && (
          <img
            src={url}
            alt={words.stillOf(eventWords(event.type))}
            onLoad={() => setState("shown")}
            onError={() => (taken ? setLost(true) : setState("failed"))}
            className={state === "loading" ? "absolute inset-0 opacity-0" : "block w-full"}
          />
        )}
        {state === "shown" && <Marks box={whole.data ? boxThen(whole.data) : null} track={track} shape={shape} />}
      </div>
      <figcaption className="text-faint mt-1.5 text-[12px]">
        {[taken ? stillCaption(event) : words.stillRecorded, track && words.pathDrawn, shape && words.shapeNow]
          .filter(Boolean)
          .join(" ")}
      </figcaption>
    </figure>
  );
}
