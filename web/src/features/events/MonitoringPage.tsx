import { useMemo, useRef } from "react";
import { useSearchParams } from "react-router";
import { useAlarm } from "@/api/alarms";
import { useCameras } from "@/api/cameras";
import { useEvent, type EventQuery } from "@/api/events";
import { useMay } from "@/api/useMe";
import { useChangeAddress } from "@/app/useChangeAddress";
import { useShortcuts } from "@/app/useShortcuts";
import { cn } from "@/components/cn";
import { useWide } from "@/components/useWide";
import { DetailBoundary } from "./DetailBoundary";
import { EventTabs } from "./EventTabs";
import { LiveSide } from "./LiveSide";
import { MomentSide } from "./MomentSide";
import { MonitoringList, monitoringScopes, type MonitoringScope } from "./MonitoringList";
import { useEventList } from "./useEventList";
import { words } from "./words";

const everything: EventQuery = {};
const scene: EventQuery = { reported: true };

/**
 * Live pictures beside what happens; whatever is chosen plays in the pictures' place. What plays stands in the address: `?event=ID&at=TIME` or
 * `?alarm=ID`, and which list: `?list=scene`.
 */
export function MonitoringPage() {
  const [search] = useSearchParams();
  const change = useChangeAddress();
  const wide = useWide();
  const may = useMay();
  const cameras = useCameras(may("cameras.read"));
  const scope: MonitoringScope = monitoringScopes.find((s) => s === search.get("list")) ?? "all";
  const list = useEventList(scope === "all" ? everything : scene, scope !== "alarms");
  const scroller = useRef<HTMLDivElement>(null);
  const [id, at, alarmId] = [search.get("event"), search.get("at"), search.get("alarm")];
  const listed = list.events.find((e) => e.id === id && e.at === at);
  const one = useEvent(listed ? null : id, at);
  const alarm = useAlarm(alarmId).data;
  const event = listed ?? one.data ?? undefined;
  const playing = alarm ?? event;
  const camera = useMemo(
    () => cameras.data?.find((c) => c.id === playing?.cameraId),
    [cameras.data, playing?.cameraId],
  );

  const addressOf = (values: Readonly<Record<string, string>>): string => {
    const next = new URLSearchParams(search);
    for (const key of ["event", "at", "alarm"]) next.delete(key);
    for (const [key, value] of Object.entries(values)) next.set(key, value);
    return `?${next}`;
  };
  const back = () => change({ event: null, at: null, alarm: null });
  const step = (by: 1 | -1) => {
    const links = [...(scroller.current?.querySelectorAll<HTMLElement>("li > a") ?? [])];
    const open = links.findIndex((l) => l.hasAttribute("aria-current"));
    const current = open >= 0 ? open : links.indexOf(document.activeElement as HTMLElement);
    const next = links[current < 0 ? 0 : current + by];
    next?.focus();
    if (open >= 0) next?.click();
  };
  useShortcuts({ j: () => step(1), k: () => step(-1), ...(playing && { Escape: back }) });

  return (
    <div className="flex h-full flex-col">
      <EventTabs />
      <div className="flex min-h-0 flex-1 max-lg:flex-col">
        <div className={cn("pictures min-h-0 bg-black lg:flex-1", playing ? "max-lg:h-[62dvh]" : "max-lg:h-auto")}>
          {playing ? (
            <DetailBoundary key={`${playing.id} ${playing.at}`}>
              <MomentSide
                event={alarm ? undefined : event}
                alarm={alarm}
                camera={camera}
                camerasAreLoading={cameras.isLoading}
                onBack={back}
              />
            </DetailBoundary>
          ) : (
            <LiveSide cameras={cameras} wide={wide} />
          )}
        </div>
        <MonitoringList
          list={list}
          scroller={scroller}
          scope={scope}
          opened={{ event: id === null ? null : `${at} ${id}`, alarm: alarmId }}
          onScope={(to) => change({ list: to === "all" ? null : to })}
          eventAddress={(e) => addressOf({ event: e.id, at: e.at })}
          alarmAddress={(a) => addressOf({ alarm: a.id })}
        />
      </div>
      <h2 className="sr-only">{words.monitoring}</h2>
    </div>
  );
}
