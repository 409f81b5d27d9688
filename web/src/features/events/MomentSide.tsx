import { Check, PanelRightOpen, Radio } from "lucide-react";
import { Link } from "react-router";
import type { AlarmView } from "@/api/alarms";
import type { EventView } from "@/api/events";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { EmptyState, Skeleton } from "@/components/States";
import { clock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { EventIcon } from "@/events/EventIcon";
import { eventWords } from "@/events/eventWords";
import { calledWords } from "@/events/ruleWords";
import { Moment } from "./Moment";
import { useActOnAlarm } from "./useActOnAlarm";
import { words } from "./words";

/** The moment in the place of the live pictures, and the way back to them. */
export function MomentSide({
  event,
  alarm,
  camera,
  camerasAreLoading,
  onBack,
}: {
  /** One of both. */
  event: EventView | undefined;
  alarm: AlarmView | undefined;
  camera: Camera | undefined;
  camerasAreLoading: boolean;
  onBack: () => void;
}) {
  const mayAct = useMay()("alarms.write");
  const { act, busy } = useActOnAlarm();
  const about = alarm
    ? {
        title: calledWords(alarm.title),
        type: alarm.eventType,
        at: alarm.eventAt,
        name: alarm.cameraName,
        to: `/events/alarms?alarm=${alarm.id}`,
      }
    : event && {
        title: eventWords(event.type),
        type: event.type,
        at: event.at,
        name: event.cameraName,
        to: `/events?event=${encodeURIComponent(event.id)}&at=${encodeURIComponent(event.at)}`,
      };
  if (!about) return null;
  const concernsCamera = (alarm ?? event)?.cameraId != null;
  return (
    <section aria-label={about.title} className="flex h-full flex-col">
      <header className="bg-panel flex flex-wrap items-center gap-2 border-b px-3 py-1.5">
        <p className="min-w-0 flex-1 truncate max-md:basis-full">
          <span className="font-medium">{about.title}</span>
          <span className="text-soft tabular">
            {" · "}
            {[about.name, clock(Date.parse(about.at))].filter(Boolean).join(" · ")}
          </span>
        </p>
        {alarm?.state === "open" && mayAct && (
          <Button
            size="sm"
            variant="primary"
            className="max-md:h-11"
            disabled={busy}
            onClick={() => void act(alarm, { kind: "acknowledge" })}
          >
            <Check /> {words.acknowledge}
          </Button>
        )}
        <Button asChild size="sm" className="max-md:h-11">
          <Link to={about.to}>
            <PanelRightOpen /> {words.details}
          </Link>
        </Button>
        <Button size="sm" className="max-md:h-11" onClick={onBack} title={words.backToLiveKey}>
          <Radio /> {words.backToLive}
        </Button>
      </header>
      <div className="min-h-0 flex-1">
        {!concernsCamera ? (
          <EmptyState icon={<EventIcon type={about.type} />} title={about.title} detail={words.noCameraDetail} />
        ) : camerasAreLoading ? (
          <Skeleton className="h-full rounded-none" />
        ) : (
          <Moment camera={camera} at={about.at} />
        )}
      </div>
    </section>
  );
}
