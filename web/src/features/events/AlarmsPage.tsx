import { BellOff } from "lucide-react";
import { useRef } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useAlarm, useAlarmPages, type AlarmView } from "@/api/alarms";
import { useMay } from "@/api/useMe";
import { useShortcuts } from "@/app/useShortcuts";
import { cn } from "@/components/cn";
import { ListSkeleton } from "@/components/ListSkeleton";
import { More } from "@/components/More";
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
import { words } from "./words";

/** What somebody has to look after. Which, and what is open, stand in the address: `?alarm=ID`. */
export function AlarmsPage() {
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
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

  const addressOf = (alarm: AlarmView): string => {
    const next = new URLSearchParams(search);
    next.set("alarm", alarm.id);
    return `?${next}`;
  };
  const open = (alarm: AlarmView | undefined) => alarm && void navigate(addressOf(alarm), { replace: id !== null });
  const close = () =>
    setSearch(
      (current) => {
        current.delete("alarm");
        return current;
      },
      { replace: true },
    );
  const change = (to: AlarmFilter) => setSearch((current) => writeAlarmFilter(current, to), { replace: true });
  const neighbour = (by: 1 | -1): AlarmView | undefined => {
    if (place >= 0) return all[place + by];
    // What was closed leaves the list while it is open: the next one is where it was.
    const after = opened ? all.findIndex((a) => Date.parse(a.at) <= Date.parse(opened.at)) : -1;
    return after < 0 ? undefined : all[by > 0 ? after : after - 1];
  };
  const step = (by: 1 | -1) => {
    if (id !== null) {
      open(neighbour(by));
      return;
    }
    const links = [...(scroller.current?.querySelectorAll<HTMLElement>("[data-alarm] > a") ?? [])];
    const current = links.indexOf(document.activeElement as HTMLElement);
    links[current < 0 ? 0 : current + by]?.focus();
  };
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    ...(id !== null && { Escape: close }),
    ...(opened?.state === "open" && mayAct && { a: () => void act(opened, { kind: "acknowledge" }) }),
  });
  const line = wide && id !== null;
  const stepTo = (alarm: AlarmView | undefined) => alarm && (() => open(alarm));

  return (
    <div className="flex h-full flex-col">
      <EventTabs />
      <AlarmFilterBar filter={filter} onChange={change} />
      <div className="flex min-h-0 flex-1 border-t">
        <div ref={scroller} className={cn("min-h-0 overflow-y-auto", line ? "w-88 shrink-0 xl:w-96" : "flex-1")}>
          {alarms.isPending ? (
            <div className="p-3">
              <ListSkeleton lines={8} />
            </div>
          ) : alarms.isError && all.length === 0 ? (
            <QueryError what={words.theAlarms} error={alarms.error} onRetry={() => void alarms.refetch()} />
          ) : all.length === 0 ? (
            <EmptyState
              icon={<BellOff />}
              title={filter.state === "unclosed" ? words.allCalm : words.noAlarms}
              detail={filter.state === "unclosed" ? words.allCalmDetail : words.noAlarmsDetail}
            >
              {filter.state === "unclosed" && (
                <Button onClick={() => change({ ...filter, state: "all" })}>{words.showClosed}</Button>
              )}
            </EmptyState>
          ) : (
            <>
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
              {alarms.hasNextPage && (
                <More
                  busy={alarms.isFetchingNextPage}
                  error={alarms.isFetchNextPageError ? alarms.error : null}
                  onMore={() => void alarms.fetchNextPage()}
                />
              )}
            </>
          )}
        </div>
        {id !== null && (
          <DetailPane
            title={opened ? calledWords(opened.title) : words.alarm}
            lead={opened && <Lead alarm={opened} />}
            onPrevious={stepTo(neighbour(-1))}
            onNext={stepTo(neighbour(1))}
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
