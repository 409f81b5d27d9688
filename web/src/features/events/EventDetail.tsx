import type { EventView } from "@/api/events";
import { useCameras } from "@/api/cameras";
import { useMay } from "@/api/useMe";
import { Skeleton } from "@/components/States";
import { MomentFrame } from "@/features/playback/MomentFrame";
import { EventActions } from "./EventActions";
import { EventAlarms } from "./EventAlarms";
import { EventFacts } from "./EventFacts";
import { EventStill } from "./EventStill";
import { eventKey } from "./liveEvents";
import { Moment } from "./Moment";

/** One event: the moment plays, below it the still, what is known, and what can be done. */
export function EventDetail({ event }: { event: EventView }) {
  const may = useMay();
  const cameras = useCameras(may("cameras.read"));
  const camera = cameras.data?.find((c) => c.id === event.cameraId);
  const key = eventKey(event);
  return (
    <div className="@container space-y-5 p-4">
      {event.cameraId !== null && (
        <MomentFrame>
          {cameras.isLoading ? (
            <Skeleton className="h-full rounded-none" />
          ) : (
            <Moment key={key} camera={camera} at={event.at} />
          )}
        </MomentFrame>
      )}
      <EventActions key={key} camera={camera} at={event.at} endAt={event.endAt} />
      <EventAlarms eventId={event.id} />
      <div className="grid gap-5 @2xl:grid-cols-2">
        {event.cameraId !== null && may("recordings.read") && <EventStill key={key} event={event} camera={camera} />}
        <EventFacts event={event} />
      </div>
    </div>
  );
}
