import { CalendarSearch } from "lucide-react";
import { Link, useSearchParams } from "react-router";
import { missingServers, useFederatedEvents, type FederatedEvent } from "@/api/servers";
import { ListSkeleton } from "@/components/ListSkeleton";
import { More } from "@/components/More";
import { SectionHeader } from "@/components/SectionHeader";
import { EmptyState, QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { TextField } from "@/components/ui/Field";
import { When } from "@/components/When";
import { eventWords } from "@/events/eventWords";
import { MissingServers } from "./MissingServers";
import { cameraLink } from "./peerAddress";
import { words } from "./words";

/** What happened on all servers, the newest first. What is looked for stands in the address. */
export function FederatedEventsPage() {
  const [search, setSearch] = useSearchParams();
  const [type, from, to] = [search.get("type") ?? "", search.get("from") ?? "", search.get("to") ?? ""];
  const events = useFederatedEvents({ ...(type && { type }), ...timed("from", from), ...timed("to", to) });
  const all = events.data?.pages.flatMap((p) => p.items) ?? [];
  const field = (key: string) => (e: React.ChangeEvent<HTMLInputElement>) =>
    setSearch(
      (current) => {
        if (e.target.value) current.set(key, e.target.value);
        else current.delete(key);
        return current;
      },
      { replace: true },
    );
  return (
    <section aria-label={words.events}>
      <SectionHeader title={words.events} lead={words.eventsLead}>
        <Button asChild className="max-md:h-11">
          <Link to="/settings/servers">{words.servers}</Link>
        </Button>
      </SectionHeader>
      <div className="mb-4 grid gap-3 sm:grid-cols-3">
        <TextField
          label={words.eventType}
          placeholder={words.eventTypeExample}
          maxLength={64}
          value={type}
          onChange={field("type")}
        />
        <TextField label={words.eventsFrom} type="datetime-local" value={from} onChange={field("from")} />
        <TextField label={words.eventsTo} type="datetime-local" value={to} onChange={field("to")} />
      </div>
      <MissingServers missing={missingServers(events.data?.pages)} />
      {events.isPending ? (
        <ListSkeleton lines={8} className="h-12" />
      ) : events.isError && all.length === 0 ? (
        <QueryError what={words.theEvents} error={events.error} onRetry={() => void events.refetch()} />
      ) : all.length === 0 ? (
        <div className="bg-panel rounded-lg border">
          <EmptyState icon={<CalendarSearch />} title={words.noEvents} detail={words.noEventsDetail} />
        </div>
      ) : (
        <>
          <ol aria-label={words.events} className="bg-panel divide-y overflow-hidden rounded-lg border">
            {all.map((event) => (
              <Line key={`${event.server.id}/${event.id}`} event={event} />
            ))}
          </ol>
          {events.hasNextPage && (
            <More
              busy={events.isFetchingNextPage}
              error={events.isFetchNextPageError ? events.error : null}
              onMore={() => void events.fetchNextPage()}
            />
          )}
        </>
      )}
    </section>
  );
}

/** As the browser's field has it, in its own time zone; a time that is half typed looks for nothing. */
function timed(key: "from" | "to", typed: string): Partial<Record<"from" | "to", string>> {
  const at = Date.parse(typed);
  return Number.isNaN(at) ? {} : { [key]: new Date(at).toISOString() };
}

function Line({ event }: { event: FederatedEvent }) {
  const name = event.cameraName ?? event.cameraId ?? event.siteName ?? "";
  const line = (
    <>
      <span className="min-w-0 break-words max-md:col-span-2">
        <span className="font-medium">{eventWords(event.type)}</span> <span className="text-soft">{name}</span>
      </span>
      <span className="text-soft truncate text-[13px]">{event.server.name}</span>
      <span className="text-soft text-right text-[13px]">
        <When at={event.at} />
      </span>
    </>
  );
  const className =
    "grid w-full grid-cols-[minmax(0,1fr)_auto] gap-x-6 gap-y-0.5 px-4 py-2.5 text-left -outline-offset-2 md:grid-cols-[minmax(0,1fr)_10rem_9rem]";
  return (
    <li>
      {event.cameraId ? (
        <Link
          to={cameraLink(event.server, { id: event.cameraId, name }, event.at)}
          className={`hover:bg-raised/60 ${className}`}
        >
          {line}
        </Link>
      ) : (
        <div className={className}>{line}</div>
      )}
    </li>
  );
}
