import { CircleUserRound, type LucideIcon } from "lucide-react";
import { NavLink, Outlet } from "react-router";
import type { Permission } from "@/api/types";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { words } from "./words";

/** The sub-pages, in the order of the list; each is a route below `/settings`. */
const sections: readonly { to: string; name: "account"; icon: LucideIcon; needs?: Permission }[] = [
  { to: "account", name: "account", icon: CircleUserRound },
];

/** A list of what can be set on the left (on a phone: above), the chosen one beside it. */
export function SettingsPage() {
  const may = useMay();
  return (
    <div className="mx-auto max-w-5xl p-4 md:p-8">
      <h1 className="mb-6 text-xl font-semibold">{words.settings}</h1>
      <div className="gap-10 md:flex">
        <nav
          aria-label={words.settings}
          className="mb-6 flex gap-1 overflow-x-auto md:mb-0 md:w-56 md:shrink-0 md:flex-col"
        >
          {sections
            .filter(({ needs }) => !needs || may(needs))
            .map(({ to, name, icon: Icon }) => (
              <NavLink
                key={to}
                to={to}
                className={({ isActive }) =>
                  cn(
                    "text-soft hover:bg-raised hover:text-text flex h-11 items-center gap-2.5 rounded-md px-3 whitespace-nowrap md:h-9",
                    isActive && "bg-raised text-text",
                  )
                }
              >
                <Icon className="size-4" aria-hidden />
                {words[name]}
              </NavLink>
            ))}
        </nav>
        <div className="min-w-0 flex-1">
          <Outlet />
        </div>
      </div>
    </div>
  );
}
