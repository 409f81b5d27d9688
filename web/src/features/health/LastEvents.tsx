import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api } from "@/api/client";
import { useDashboard } from "@/api/dashboard";
import { QueryError, Skeleton } from "@/components/States";
import { clock } from "@/components/time";
import { When } from "@/components/When";
import { number } from "@/i18n/formats";
import { eventWords } from "@/events/eventWords";
import { words } from "./words";

const shown = 10;

/** The newest events, and how many of each kind the last day had. A camera's leads to its moment. */
export function LastEvents() {
  const events = useQuery({
    queryKey: ["events", "last", shown],
    queryFn: ({ signal }) => api.get("/api/events", { query: { limit: shown }, signal }),
    refetchInterval: 10_000,
  });
  const counts = Object.entries(useDashboard((d) => d.events24h.byType).data ?? {}).sort((a, b) => b[1] - a[1]);
  const items = events.data?.items ?? [];
  return (
    <section aria-label={words.lastEvents}>
      <h2 className="mb-3 font-semibold">{words.lastEvents}</h2>
      {counts.length > 0 && (
        <ul className="mb-3 flex flex-wrap gap-2">
          {counts.slice(0, 8).map(([type, count]) => (
            <li key={type} className="bg-panel text-soft rounded-full border px-3 py-1 text-[13px]">
              {eventWords(type)} <span className="tabular text-text">{words.ofLastDay(number(count))}</span>
            </li>
          ))}
        </ul>
      )}
      {events.isPending ? (
        <Skeleton className="h-40" />
      ) : events.isError && items.length === 0 ? (
        <QueryError what={words.theEvents} error={events.error} onRetry={() => void events.refetch()} />
      ) : items.length === 0 ? (
        <p className="bg-panel text-soft rounded-lg border p-4">{words.noEvents}</p>
      ) : (
        <ol className="bg-panel divide-y rounded-lg border">
          {items.map((event) => (
            <li key={`${event.id} ${event.at}`} className="grid grid-cols-[1fr_auto] gap-x-4 px-4 py-2.5">
              <span className="min-w-0 break-words">
                {eventWords(event.type)}
                {event.cameraName && <span className="text-soft"> · {event.cameraName}</span>}
              </span>
              {event.cameraId ? (
                <Link
                  to={`/playback?camera=${event.cameraId}&at=${encodeURIComponent(event.at)}`}
                  title={words.playMoment(event.cameraName ?? event.cameraId, clock(Date.parse(event.at)))}
                  className="text-accent text-[13px] hover:underline"
                >
                  <When at={event.at} />
                </Link>
              ) : (
                <span className="text-soft text-[13px]">
                  <When at={event.at} />
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
