import { CalendarSearch } from "lucide-react";
import { useEffect, useRef, type RefObject } from "react";
import type { EventView } from "@/api/events";
import { cn } from "@/components/cn";
import { ListSkeleton } from "@/components/ListSkeleton";
import { NewOnes, readingPx } from "@/components/NewOnes";
import { Paged } from "@/components/Paged";
import { EmptyState } from "@/components/States";
import { dayName } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { useNow } from "@/components/useNow";
import { byDay, daysAgo } from "./days";
import { EventItem } from "./EventItem";
import { eventKey } from "./liveEvents";
import type { useEventList } from "./useEventList";
import { words } from "./words";

/** The feed of pictures, newest first; what happens is put at its top, unless somebody reads further down. */
export function EventFeed({
  list: { pages, events, waiting, hold },
  scroller,
  opened,
  line,
  filtering,
  addressOf,
  onClear,
}: {
  list: ReturnType<typeof useEventList>;
  /** What scrolls. */
  scroller: RefObject<HTMLDivElement | null>;
  /** Key of the event that is open. */
  opened: string | null;
  /** As lines beside what is open; else as cards. */
  line: boolean;
  filtering: boolean;
  addressOf: (event: EventView) => string;
  onClear: () => void;
}) {
  const now = useNow();
  const shown = useRef<string>(null);
  useEffect(() => {
    if (opened === null || opened === shown.current) return;
    shown.current = opened;
    scroller.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [opened, scroller, events]);
  const toTop = () => {
    scroller.current?.scrollTo({ top: 0 });
    hold(false);
  };
  return (
    <div className={cn("relative flex min-h-0 flex-col", line ? "w-88 shrink-0 xl:w-96" : "flex-1")}>
      <div
        ref={scroller}
        onScroll={(e) => hold(e.currentTarget.scrollTop > readingPx)}
        className={cn("min-h-0 flex-1 overflow-y-auto", !line && "px-3 pb-6 md:px-4")}
      >
        <Paged
          pages={pages}
          isEmpty={events.length === 0}
          what={words.theEvents}
          skeleton={
            <div className={cn(line && "p-3")}>
              <ListSkeleton lines={line ? 8 : 4} className={line ? "h-16" : "h-40"} />
            </div>
          }
          empty={
            <EmptyState
              icon={<CalendarSearch />}
              title={filtering ? words.nothingFound : words.nothingYet}
              detail={filtering ? words.nothingFoundDetail : words.nothingYetDetail}
            >
              {filtering && <Button onClick={onClear}>{words.clear}</Button>}
            </EmptyState>
          }
        >
          {byDay(events).map(({ day, items }) => (
            <section key={day} aria-label={dayWords(day, now)}>
              <h2
                className={cn("text-soft bg-ground/95 sticky top-0 z-10 py-2 text-[13px] font-medium", line && "px-3")}
              >
                {dayWords(day, now)}
              </h2>
              <ol
                className={cn(
                  line
                    ? "divide-y"
                    : "grid grid-cols-2 gap-2 sm:grid-cols-[repeat(auto-fill,minmax(15rem,1fr))] sm:gap-3",
                )}
              >
                {items.map((event) => (
                  <EventItem
                    key={eventKey(event)}
                    event={event}
                    to={addressOf(event)}
                    replace={opened !== null}
                    open={eventKey(event) === opened}
                    line={line}
                  />
                ))}
              </ol>
            </section>
          ))}
        </Paged>
      </div>
      <NewOnes count={waiting} className="absolute top-2 left-1/2 -translate-x-1/2" onShow={toTop} />
    </div>
  );
}

function dayWords(day: number, now: number): string {
  const ago = daysAgo(day, now);
  return ago === 0 ? words.today : ago === 1 ? words.yesterday : dayName(day);
}
