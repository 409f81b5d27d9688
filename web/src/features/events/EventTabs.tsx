import type { ReactNode } from "react";
import { NavLink } from "react-router";
import { useOpenAlarms } from "@/api/alarms";
import { cn } from "@/components/cn";
import { words } from "./words";

/** What happened, what somebody has to look after, and both beside the live pictures. */
export function EventTabs({ children }: { children?: ReactNode }) {
  const open = useOpenAlarms().count;
  return (
    <header className="bg-panel flex flex-wrap items-center gap-x-4 gap-y-1 border-b px-3 md:px-4">
      <nav aria-label={words.events} className="flex gap-1">
        <Tab to="/events" label={words.events} />
        <Tab to="/events/alarms" label={words.alarms} count={open} />
        <Tab to="/events/monitoring" label={words.monitoring} />
      </nav>
      {children && <div className="ml-auto flex items-center gap-2 py-1.5">{children}</div>}
    </header>
  );
}

function Tab({ to, label, count = 0 }: { to: string; label: string; count?: number }) {
  return (
    <NavLink
      to={to}
      end
      className={({ isActive }) =>
        cn(
          "text-soft hover:text-text -mb-px flex h-11 items-center gap-2 border-b-2 border-transparent px-2.5 font-medium -outline-offset-2",
          isActive && "border-accent text-text",
        )
      }
    >
      {label}
      {count > 0 && (
        <span className="bg-alarm-strong tabular grid h-5 min-w-5 place-items-center rounded-full px-1 text-[11px] text-white">
          {words.openCount(count)}
        </span>
      )}
    </NavLink>
  );
}
