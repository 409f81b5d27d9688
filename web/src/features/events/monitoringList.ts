import type { AlarmView } from "@/api/alarms";
import type { EventView } from "@/api/events";

export type Happening =
  { kind: "event"; at: string; event: EventView } | { kind: "alarm"; at: string; alarm: AlarmView };

/**
 * Events and alarms in one list, the newest first. An alarm stands where it was raised, before the event that raised it.
 * @param since Events are known from this time on; older alarms have no place among them.
 */
export function mixed(events: readonly EventView[], alarms: readonly AlarmView[], since: string | null): Happening[] {
  const begin = since === null ? -Infinity : Date.parse(since);
  return [
    ...alarms
      .filter((a) => Date.parse(a.at) >= begin)
      .map((alarm): Happening => ({ kind: "alarm", at: alarm.at, alarm })),
    ...events.map((event): Happening => ({ kind: "event", at: event.at, event })),
  ].sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || (a.kind === b.kind ? 0 : a.kind === "alarm" ? -1 : 1));
}
