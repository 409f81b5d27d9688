import { Link } from "react-router";
import { useAlarmsOf } from "@/api/alarms";
import { calledWords } from "@/events/ruleWords";
import { SeverityMark, StateBadge } from "./AlarmMarks";
import { OfRule } from "./OfRule";
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
          <li
            key={alarm.id}
            className="bg-raised hover:bg-line relative flex min-h-11 items-center gap-2 rounded-md px-3 py-2"
          >
            <SeverityMark severity={alarm.severity} />
            <div className="min-w-0 flex-1">
              {/* It lies under all of the line, but for the way to the rule. */}
              <Link
                to={`/events/alarms?state=all&alarm=${alarm.id}`}
                className="block truncate font-medium after:absolute after:inset-0 after:rounded-md"
              >
                {calledWords(alarm.title)}
              </Link>
              <OfRule
                alarm={alarm}
                className="text-soft relative inline-block max-w-full truncate text-[12px] max-md:leading-11"
              />
            </div>
            <StateBadge state={alarm.state} />
          </li>
        ))}
      </ul>
    </section>
  );
}
