import { CalendarX2 } from "lucide-react";
import { useMemo, useRef } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useCameras } from "@/api/cameras";
import { useEvent, type EventQuery, type EventView } from "@/api/events";
import { useTree } from "@/api/tree";
import { useMay } from "@/api/useMe";
import { useShortcuts } from "@/app/useShortcuts";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { dayAndClock } from "@/components/time";
import { useWide } from "@/components/useWide";
import { eventWords } from "@/events/eventWords";
import { DetailBoundary } from "./DetailBoundary";
import { DetailPane } from "./DetailPane";
import { EventDetail } from "./EventDetail";
import { EventFeed } from "./EventFeed";
import { EventFilterBar } from "./EventFilterBar";
import { isFiltering, noFilter, parseFilter, queryOf, writeFilter, type EventFilter } from "./eventFilter";
import { EventTabs } from "./EventTabs";
import { factsOf } from "./eventFacts";
import { eventKey } from "./liveEvents";
import { useEventList } from "./useEventList";
import { words } from "./words";

/** What happened, and what happens. What is looked for and what is open stand in the address: `?event=ID&at=TIME` names an event,
 * `?event=ID` alone does, too. */
export function EventsPage() {
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const wide = useWide();
  const mayCameras = useMay()("cameras.read");
  const cameras = useCameras(mayCameras).data ?? [];
  const tree = useTree(mayCameras);
  const filter = parseFilter(search);
  // Which cameras a group has is not known before the tree is.
  const known = filter.groups.length === 0 || tree.data !== undefined;
  const asked = JSON.stringify(queryOf(filter, tree.data?.groups ?? []));
  const query = useMemo(() => JSON.parse(asked) as EventQuery, [asked]);
  const list = useEventList(query, known);
  const scroller = useRef<HTMLDivElement>(null);

  const id = search.get("event");
  const at = timeOf(search.get("at"));
  const listed = list.events.findIndex((e) => e.id === id && (at === null || e.at === at));
  const one = useEvent(listed < 0 ? id : null, at);
  const opened = listed >= 0 ? list.events[listed] : (one.data ?? undefined);

  const addressOf = (event: EventView): string => {
    const next = new URLSearchParams(search);
    next.set("event", event.id);
    next.set("at", event.at);
    return `?${next}`;
  };
  const open = (event: EventView | undefined) => event && void navigate(addressOf(event), { replace: id !== null });
  const close = () =>
    setSearch(
      (current) => {
        current.delete("event");
        current.delete("at");
        return current;
      },
      { replace: true },
    );
  const change = (to: EventFilter) => {
    setSearch((current) => writeFilter(current, to), { replace: true });
    scroller.current?.scrollTo({ top: 0 });
  };
  const neighbour = (by: 1 | -1): EventView | undefined => {
    if (id === null) return undefined;
    // What is open may not be in the list: the nearest in time is next to it.
    const place =
      listed >= 0 ? listed : opened ? list.events.findIndex((e) => Date.parse(e.at) <= Date.parse(opened.at)) : -1;
    if (place < 0) return undefined;
    return list.events[listed < 0 && by > 0 ? place : place + by];
  };
  const step = (by: 1 | -1) => {
    if (id !== null) {
      open(neighbour(by));
      return;
    }
    const links = [...(scroller.current?.querySelectorAll<HTMLElement>("[data-event] > a") ?? [])];
    const current = links.indexOf(document.activeElement as HTMLElement);
    links[current < 0 ? 0 : current + by]?.focus();
  };
  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    ...(id !== null && { Escape: close }),
  });

  return (
    <div className="flex h-full flex-col">
      <EventTabs />
      <EventFilterBar filter={filter} cameras={cameras} tree={tree.data} onChange={change} />
      <div className="flex min-h-0 flex-1 border-t">
        <EventFeed
          list={list}
          scroller={scroller}
          opened={opened ? eventKey(opened) : null}
          line={wide && id !== null}
          filtering={isFiltering(filter)}
          addressOf={addressOf}
          onClear={() => change(noFilter)}
        />
        {id !== null && (
          <DetailPane
            title={opened ? eventWords(opened.type) : words.event}
            lead={opened ? leadOf(opened) : ""}
            onPrevious={stepTo(neighbour(-1))}
            onNext={stepTo(neighbour(1))}
            onClose={close}
          >
            {opened ? (
              <DetailBoundary key={eventKey(opened)}>
                <EventDetail event={opened} />
              </DetailBoundary>
            ) : one.isPending ? (
              <Skeleton className="m-4 h-96" />
            ) : one.isError ? (
              <QueryError what={words.theEvent} error={one.error} onRetry={() => void one.refetch()} />
            ) : (
              <EmptyState icon={<CalendarX2 />} title={words.eventGone} detail={words.eventGoneDetail} />
            )}
          </DetailPane>
        )}
      </div>
    </div>
  );

  function stepTo(event: EventView | undefined) {
    return event && (() => open(event));
  }
}

/** As it stands there: the server compares it to the microsecond. What is no time is left out. */
const timeOf = (text: string | null): string | null => (Number.isNaN(Date.parse(text ?? "")) ? null : text);

/** Where, what of it, and when. */
function leadOf(event: EventView): string {
  const place = event.cameraName ?? event.siteName ?? words.wholeSystem;
  return [place, ...factsOf(event), dayAndClock(Date.parse(event.at))].join(" · ");
}
