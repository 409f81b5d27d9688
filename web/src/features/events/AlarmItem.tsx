import { Check } from "lucide-react";
import { Link } from "react-router";
import type { AlarmView } from "@/api/alarms";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { When } from "@/components/When";
import { calledWords } from "@/events/ruleWords";
import { SeverityMark, StateBadge } from "./AlarmMarks";
import { words } from "./words";

/** One alarm of the list; what it is about opens, and it can be acknowledged at once. */
export function AlarmItem({
  alarm,
  to,
  replace,
  open,
  narrow,
  onAcknowledge,
}: {
  alarm: AlarmView;
  to: string;
  replace: boolean;
  open: boolean;
  /** Beside something else: two lines. */
  narrow: boolean;
  /** Absent: it needs none, or not of this account. */
  onAcknowledge: (() => void) | undefined;
}) {
  const title = calledWords(alarm.title);
  return (
    <li
      data-alarm={alarm.id}
      data-state={alarm.state}
      className={cn("hover:bg-raised/60 relative flex items-center gap-3 px-3 md:px-4", open && "bg-raised")}
    >
      {alarm.state === "open" && <span aria-hidden className="bg-alarm-strong absolute inset-y-0 left-0 w-1" />}
      <Link
        to={to}
        replace={replace}
        aria-current={open || undefined}
        className="flex min-w-0 flex-1 items-center gap-3 py-3 -outline-offset-2"
      >
        <SeverityMark severity={alarm.severity} className="size-5" />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{title}</span>
          <span className="text-soft block truncate text-[13px]">
            {[alarm.cameraName ?? words.wholeSystem, alarm.assignedTo && words.ownedBy(alarm.assignedTo)]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </span>
        <span
          className={cn(
            "flex shrink-0 flex-col items-end gap-1 text-[13px]",
            !narrow && "md:w-56 md:flex-row-reverse md:items-center md:justify-between",
          )}
        >
          <span className="text-soft">
            <When at={alarm.at} />
          </span>
          <StateBadge state={alarm.state} />
        </span>
      </Link>
      {onAcknowledge && (
        <Button
          size={narrow ? "icon" : "sm"}
          className={cn("max-md:size-11 max-md:px-0", narrow && "size-9")}
          aria-label={words.acknowledgeNamed(title)}
          title={words.acknowledge}
          onClick={onAcknowledge}
        >
          <Check /> {!narrow && <span className="max-md:sr-only">{words.acknowledge}</span>}
        </Button>
      )}
    </li>
  );
}
