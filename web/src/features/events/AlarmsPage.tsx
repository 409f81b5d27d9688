import { BellOff } from "lucide-react";
import { useRef } from "react";
import { useSearchParams } from "react-router";
import { useAlarm, useAlarmPages, type AlarmView } from "@/api/alarms";
import { useMay } from "@/api/useMe";
import { useShortcuts } from "@/app/useShortcuts";
import { cn } from "@/components/cn";
import { ListSkeleton } from "@/components/ListSkeleton";
import { Paged } from "@/components/Paged";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { useWide } from "@/components/useWide";
import { calledWords } from "@/events/ruleWords";
import { AlarmDetail } from "./AlarmDetail";
import { AlarmFilterBar } from "./AlarmFilterBar";
import { alarmQueryOf, parseAlarmFilter, writeAlarmFilter, type AlarmFilter } from "./alarmFilter";
import { AlarmItem } from "./AlarmItem";
import { DetailBoundary } from "./DetailBoundary";
import { DetailPane } from "./DetailPane";
import { EventTabs } from "./EventTabs";
import { OfRule } from "./OfRule";
import { useActOnAlarm } from "./useActOnAlarm";
import { useOpened } from "./useOpened";
import { words } from "./words";

/** What somebody has to look after. Which, and what is open, stand in the address: `?alarm=ID`. */
export function AlarmsPage() {
  const [search, setSearch] = useSearchParams();
  const wide = useWide();
  const mayAct = useMay()("alarms.write");
  const filter = parseAlarmFilter(search);
  const alarms = useAlarmPages(alarmQueryOf(filter));
  const { act, busy } = useActOnAlarm();
  const scroller = useRef<HTMLDivElement>(null);
  const id = search.get("alarm");
  const all = alarms.data?.pages.flatMap((p) => p.items) ?? [];
  const one = useAlarm(id);
  const place = all.findIndex((a) => a.id === id);
  const opened = one.data ?? all[place];

  const { addressOf, onPrevious, onNext, close } = useOpened({
    items: all,
    place,
    opened,
    isOpen: id !== null,
    inAddress: (alarm) => ({ alarm: alarm && alarm.id }),
    scroller,
  });
  const change = (to: AlarmFilter) => setSearch((current) => writeAlarmFilter(current, to), { replace: true });
  useShortcuts({
    ...(opened?.state === "open" && mayAct && { a: () => void act(opened, { kind: "acknowledge" }) }),
  });
  const line = wide && id !== null;

  return (
    <div className="flex h-full flex-col">
      <EventTabs />
      <AlarmFilterBar filter={filter} onChange={change} />
      <div className="flex min-h-0 flex-1 border-t">
        <div ref={scroller} className={cn("min-h-0 overflow-y-auto", line ? "w-88 shrink-0 xl:w-96" : "flex-1")}>
          <Paged
            pages={alarms}
            isEmpty={all.length === 0}
            what={words.theAlarms}
            skeleton={
              <div className="p-3">
                <ListSkeleton lines={8} />
              </div>
            }
            empty={
              <EmptyState
                icon={<BellOff />}
                title={filter.state === "unclosed" ? words.allCalm : words.noAlarms}
                detail={filter.state === "unclosed" ? words.allCalmDetail : words.noAlarmsDetail}
              >
                {filter.state === "unclosed" && (
                  <Button onClick={() => change({ ...filter, state: "all" })}>{words.showClosed}</Button>
                )}
              </EmptyState>
            }
          >
            <ol aria-label={words.alarms} className="divide-y border-b">
              {all.map((alarm) => (
                <AlarmItem
                  key={alarm.id}
                  alarm={alarm}
                  to={addressOf(alarm)}
                  replace={id !== null}
                  open={alarm.id === id}
                  narrow={line}
                  onAcknowledge={
                    alarm.state === "open" && mayAct ? () => void act(alarm, { kind: "acknowledge" }) : undefined
                  }
                />
              ))}
            </ol>
          </Paged>
        </div>
        {id !== null && (
          <DetailPane
            title={opened ? calledWords(opened.title) : words.alarm}
            lead={opened && <Lead alarm={opened} />}
            onPrevious={onPrevious}
            onNext={onNext}
            onClose={close}
          >
            {opened ? (
              <DetailBoundary key={opened.id}>
                <AlarmDetail alarm={opened} busy={busy} onAct={(what) => act(opened, what)} />
              </DetailBoundary>
            ) : one.isError ? (
              <QueryError what={words.theAlarm} error={one.error} onRetry={() => void one.refetch()} />
            ) : (
              <Skeleton className="m-4 h-96" />
            )}
          </DetailPane>
        )}
      </div>
    </div>
  );
}

/** Where and when, and which rule. */
function Lead({ alarm }: { alarm: AlarmView }) {
  return (
    <>
      {[alarm.cameraName ?? words.wholeSystem, dayAndClock(Date.parse(alarm.at)), ""].join(" · ")}
      <OfRule alarm={alarm} />
    </>
  );
}
