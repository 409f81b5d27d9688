import { Bell } from "lucide-react";
import { NavLink } from "react-router";
import { useOpenAlarms } from "@/api/alarms";
import { cn } from "@/components/cn";
import { words } from "./words";

/** The way to the alarms, with how many nobody has acknowledged. A phone has no room for it in the rail: there the count stands at the events. */
export function AlarmsBell() {
  const label = words.alarmsOpen(useOpenAlarms().count);
  return (
    <NavLink
      to="/events/alarms"
      title={label}
      className={({ isActive }) =>
        cn(
          "text-soft hover:text-text relative hidden h-12 flex-col items-center justify-center gap-1 rounded-md text-[10px] md:flex",
          isActive && "text-accent hover:text-accent",
        )
      }
    >
      <Bell className="size-5 stroke-[1.75]" aria-hidden />
      <span aria-hidden>{words.alarmsShort}</span>
      <span className="sr-only">{label}</span>
      <AlarmCount />
    </NavLink>
  );
}

/** How many alarms are open, in the corner of what leads to them; nothing while there is none. */
export function AlarmCount({ className }: { className?: string }) {
  const { count } = useOpenAlarms();
  if (count === 0) return null;
  return (
    <span
      aria-hidden
      className={cn(
        "bg-alarm-strong tabular absolute top-0.5 right-2.5 grid h-4 min-w-4 place-items-center rounded-full px-1 text-[10px] font-medium text-white",
        className,
      )}
    >
      {words.alarmCount(count)}
    </span>
  );
}
