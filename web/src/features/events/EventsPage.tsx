import { CalendarX2 } from "lucide-react";
import { useMemo, useRef } from "react";
import { useSearchParams } from "react-router";
import { useCameras } from "@/api/cameras";
import { useEvent, type EventQuery, type EventView } from "@/api/events";
import { useTree } from "@/api/tree";
import { useMay } from "@/api/useMe";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { dayAndClock } from "@/components/time";
import { useWide } from "@/components/useWide";
import { eventWords } from "@/events/eventWords";
import { DetailBoundary } from "./DetailBoundary";
import { DetailPane } from "./DetailPane";
import { EventDetail } from "./EventDetail";
import { EventFeed } from "./EventFeed";
import { EventFilterBar } from "./EventFilterBar";
import { camerasIn, isFiltering, noFilter, parseFilter, queryOf, writeFilter, type EventFilter } from "./eventFilter";
import { EventTabs } from "./EventTabs";
import { factsOf } from "./eventFacts";
import { eventKey } from "./liveEvents";
import { useEventList } from "./useEventList";
import { useOpened } from "./useOpened";
import { words } from "./words";

/** What happened, and what happens. What is looked for and what is open stand in the address: `?event=ID&at=TIME` names an event,
 * `?event=ID` alone does, too. */
export function EventsPage() {
  const [search, setSearch] = useSearchParams();
  const wide = useWide();
  const mayCameras = useMay()("cameras.read");
  const cameras = useCameras(mayCameras).data ?? [];
  const tree = useTree(mayCameras);
  const filter = parseFilter(search);
  const asked = JSON.stringify(queryOf(filter));
  const query = useMemo(() => JSON.parse(asked) as EventQuery, [asked]);
  const inGroups = useMemo(() => camerasIn(tree.data?.groups ?? [], query.groupId ?? []), [tree.data, query]);
  // What the feed tells of a group is not known before the tree is.
  const list = useEventList(query, filter.groups.length === 0 || !tree.isPending, inGroups);
  const scroller = useRef<HTMLDivElement>(null);

  const id = search.get("event");
  const at = timeOf(search.get("at"));
  const listed = list.events.findIndex((e) => e.id === id && (at === null || e.at === at));
  const one = useEvent(listed < 0 ? id : null, at);
  const opened = listed >= 0 ? list.events[listed] : (one.data ?? undefined);

  const { addressOf, onPrevious, onNext, close } = useOpened({
    items: list.events,
    place: listed,
    opened,
    isOpen: id !== null,
    inAddress: (event) => ({ event: event && event.id, at: event && event.at }),
    scroller,
  });
  const change = (to: EventFilter) => {
    setSearch((current) => writeFilter(current, to), { replace: true });
    scroller.current?.scrollTo({ top: 0 });
  };

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
            onPrevious={onPrevious}
            onNext={onNext}
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
}

/** As it stands there: the server compares it to the microsecond. What is no time is left out. */
const timeOf = (text: string | null): string | null => (Number.isNaN(Date.parse(text ?? "")) ? null : text);

/** Where, what of it, and when. */
function leadOf(event: EventView): string {
  const place = event.cameraName ?? event.siteName ?? words.wholeSystem;
  return [place, ...factsOf(event), dayAndClock(Date.parse(event.at))].join(" · ");
}
