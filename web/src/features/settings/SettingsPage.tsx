import {
  Bell,
  Bot,
  Building2,
  CarFront,
  CircleUserRound,
  IdCard,
  ListChecks,
  MonitorSmartphone,
  Plug,
  ScrollText,
  Server,
  UserRound,
  UsersRound,
  type LucideIcon,
} from "lucide-react";
import { NavLink, Outlet, useLocation } from "react-router";
import type { Permission } from "@/api/types";
import { useMay, useMe } from "@/api/useMe";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/States";
import { NoSection } from "./NoSection";
import { words } from "./words";

export type SectionName =
  | "account"
  | "notifications"
  | "users"
  | "groups"
  | "roles"
  | "sessions"
  | "apiKeys"
  | "rules"
  | "integrations"
  | "audit"
  | "plateLists"
  | "servers"
  | "tenants";

interface Section {
  to: string;
  name: SectionName;
  icon: LucideIcon;
  /** One of them is enough; absent: it is everybody's. */
  needs?: readonly Permission[];
}

/** The sub-pages, in the order of the list; each is a route below `/settings`. */
const sections: readonly Section[] = [
  { to: "account", name: "account", icon: CircleUserRound },
  { to: "notifications", name: "notifications", icon: Bell },
  { to: "users", name: "users", icon: UserRound, needs: ["users.read"] },
  { to: "groups", name: "groups", icon: UsersRound, needs: ["users.read"] },
  { to: "roles", name: "roles", icon: IdCard, needs: ["users.read"] },
  { to: "sessions", name: "sessions", icon: MonitorSmartphone, needs: ["users.read"] },
  { to: "api-keys", name: "apiKeys", icon: Bot, needs: ["apikeys.write"] },
  { to: "rules", name: "rules", icon: ListChecks, needs: ["rules.write"] },
  { to: "integrations", name: "integrations", icon: Plug, needs: ["integrations.write", "system.write"] },
  { to: "audit", name: "audit", icon: ScrollText, needs: ["audit.read"] },
  { to: "plate-lists", name: "plateLists", icon: CarFront, needs: ["plates.write"] },
  { to: "servers", name: "servers", icon: Server, needs: ["system.read"] },
  { to: "tenants", name: "tenants", icon: Building2, needs: ["tenants.write"] },
];

/** A list of what can be set on the left (on a phone: above), the chosen one beside it. */
export function SettingsPage() {
  const may = useMay();
  const me = useMe();
  const { pathname } = useLocation();
  const allowed = sections.filter(({ needs }) => !needs || needs.some(may));
  const shown = sections.find(({ to }) => pathname.startsWith(`/settings/${to}`));
  return (
    <div className="mx-auto max-w-7xl p-4 md:p-8">
      <h1 className="mb-6 text-xl font-semibold">{words.settings}</h1>
      <div className="gap-10 md:flex">
        <nav
          aria-label={words.settings}
          className="mb-6 flex gap-1 overflow-x-auto md:mb-0 md:w-52 md:shrink-0 md:flex-col"
        >
          {allowed.map(({ to, name, icon: Icon }) => (
            <NavLink
              key={to}
              to={to}
              ref={(link) => {
                if (link?.ariaCurrent === "page") link.scrollIntoView({ block: "nearest", inline: "center" });
              }}
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
          {shown?.needs && me.isPending ? (
            <Skeleton className="h-40" />
          ) : shown?.needs && !me.isError && !shown.needs.some(may) ? (
            <NoSection name={words[shown.name]} />
          ) : (
            <Outlet />
          )}
        </div>
      </div>
    </div>
  );
}
