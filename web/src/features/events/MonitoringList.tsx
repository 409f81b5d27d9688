import { CalendarSearch } from "lucide-react";
import { useEffect, useMemo, type RefObject } from "react";
import { useAlarmPages, type AlarmQuery, type AlarmView } from "@/api/alarms";
import type { EventView } from "@/api/events";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { ListSkeleton } from "@/components/ListSkeleton";
import { NewOnes, readingPx } from "@/components/NewOnes";
import { Paged } from "@/components/Paged";
import { EmptyState } from "@/components/States";
import { AlarmItem } from "./AlarmItem";
import { EventItem } from "./EventItem";
import { eventKey } from "./liveEvents";
import { mixed } from "./monitoringList";
import { useActOnAlarm } from "./useActOnAlarm";
import type { useEventList } from "./useEventList";
import { words } from "./words";

/** What the list has: everything, what happens in the pictures, or alarms alone. */
export const monitoringScopes = ["all", "scene", "alarms"] as const;
export type MonitoringScope = (typeof monitoringScopes)[number];

const unclosed: AlarmQuery = { state: ["open", "acknowledged"] };

/** Events and alarms as they happen, in one list. */
export function MonitoringList({
  list: { pages, events, waiting, hold },
  scroller,
  scope,
  opened,
  onScope,
  eventAddress,
  alarmAddress,
}: {
  list: ReturnType<typeof useEventList>;
  scroller: RefObject<HTMLDivElement | null>;
  scope: MonitoringScope;
  opened: { event: string | null; alarm: string | null };
  onScope: (scope: MonitoringScope) => void;
  eventAddress: (event: EventView) => string;
  alarmAddress: (alarm: AlarmView) => string;
}) {
  const mayAct = useMay()("alarms.write");
  const alarms = useAlarmPages(unclosed);
  const { act } = useActOnAlarm();
  const alone = scope === "alarms";
  const oldest = pages.hasNextPage ? (events.at(-1)?.at ?? null) : null;
  const happenings = useMemo(
    () => mixed(alone ? [] : events, alarms.data?.pages.flatMap((p) => p.items) ?? [], alone ? null : oldest),
    [alone, events, alarms.data, oldest],
  );
  // As many alarms as the events reach back: else the older ones would be missing among them.
  const lastAlarm = alarms.data?.pages.at(-1)?.items.at(-1)?.at;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = alarms;
  const needsMore =
    !alone &&
    hasNextPage &&
    !isFetchingNextPage &&
    !isFetchNextPageError &&
    !pages.isPending &&
    lastAlarm !== undefined &&
    (oldest === null || Date.parse(lastAlarm) > Date.parse(oldest));
  useEffect(() => {
    if (needsMore) void fetchNextPage();
  }, [needsMore, fetchNextPage]);
  const source = alone ? alarms : pages;
  const replace = opened.event !== null || opened.alarm !== null;
  const toTop = () => {
    scroller.current?.scrollTo({ top: 0 });
    hold(false);
  };
  return (
    <aside
      aria-label={words.happening}
      className="bg-panel relative flex min-h-0 flex-1 flex-col max-lg:border-t lg:w-96 lg:flex-none lg:border-l"
    >
      <div role="group" aria-label={words.filter} className="flex gap-1 border-b px-2 py-1.5">
        {monitoringScopes.map((s) => (
          <button
            key={s}
            type="button"
            aria-pressed={scope === s}
            onClick={() => onScope(s)}
            className={cn(
              "text-soft hover:text-text h-8 rounded-md px-3 text-[13px] max-lg:h-11",
              scope === s && "bg-raised text-text",
            )}
          >
            {words.scopes[s]}
          </button>
        ))}
      </div>
      <div
        ref={scroller}
        onScroll={(e) => hold(e.currentTarget.scrollTop > readingPx)}
        className="min-h-0 flex-1 overflow-y-auto"
      >
        <Paged
          pages={source}
          isEmpty={happenings.length === 0}
          what={alone ? words.theAlarms : words.theEvents}
          skeleton={
            <div className="p-3">
              <ListSkeleton lines={8} />
            </div>
          }
          empty={
            <EmptyState
              icon={<CalendarSearch />}
              title={alone ? words.allCalm : words.nothingYet}
              detail={alone ? words.allCalmDetail : words.nothingYetDetail}
            />
          }
        >
          <ol className="divide-y">
            {happenings.map((happening) =>
              happening.kind === "event" ? (
                <EventItem
                  key={eventKey(happening.event)}
                  event={happening.event}
                  to={eventAddress(happening.event)}
                  replace={replace}
                  open={eventKey(happening.event) === opened.event}
                  line
                />
              ) : (
                <AlarmItem
                  key={happening.alarm.id}
                  alarm={happening.alarm}
                  to={alarmAddress(happening.alarm)}
                  replace={replace}
                  open={happening.alarm.id === opened.alarm}
                  narrow
                  onAcknowledge={
                    happening.alarm.state === "open" && mayAct
                      ? () => void act(happening.alarm, { kind: "acknowledge" })
                      : undefined
                  }
                />
              ),
            )}
          </ol>
        </Paged>
      </div>
      {!alone && <NewOnes count={waiting} className="absolute top-14 left-1/2 -translate-x-1/2" onShow={toTop} />}
    </aside>
  );
}
