import { Link } from "react-router";
import { useAlarmsOf } from "@/api/alarms";
import { SeverityMark, StateBadge } from "./AlarmMarks";
import { words } from "./words";

/** Which rules made an alarm of an event, and what became of it. Nothing where none did. */
export function EventAlarms({ eventId }: { eventId: string }) {
  const alarms = useAlarmsOf(eventId).data ?? [];
  if (alarms.length === 0) return null;
  return (
    <section aria-label={words.raised}>
      <h3 className="text-soft mb-1.5 text-[13px] font-medium">{words.raised}</h3>
      <ul className="space-y-1.5">
        {alarms.map((alarm) => (
          <li key={alarm.id}>
            <Link
              to={`/events/alarms?state=all&alarm=${alarm.id}`}
              className="bg-raised hover:bg-line flex min-h-11 items-center gap-2 rounded-md px-3 py-2"
            >
              <SeverityMark severity={alarm.severity} />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{alarm.title}</span>
                <span className="text-soft block truncate text-[12px]">{words.ofRule(alarm.ruleName)}</span>
              </span>
              <StateBadge state={alarm.state} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
