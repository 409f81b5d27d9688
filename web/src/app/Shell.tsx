import { Activity, Cctv, CircleUserRound, Clapperboard, FileDown, LayoutGrid, LogOut, PlaySquare } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { signOut } from "@/api/signIn";
import { useMe } from "@/api/useMe";
import { cn } from "@/components/cn";
import { ConnectionBanner } from "./ConnectionBanner";
import { KeyMap } from "./KeyMap";
import { useShortcuts } from "./useShortcuts";

const pages = [
  { to: "/live", label: "Live", icon: LayoutGrid },
  { to: "/playback", label: "Playback", icon: PlaySquare },
  { to: "/clips", label: "Clips", icon: Clapperboard },
  { to: "/exports", label: "Exports", icon: FileDown },
  { to: "/cameras", label: "Cameras", icon: Cctv },
  { to: "/system", label: "Health", icon: Activity },
];

/** Rail on the left (on a phone: at the bottom), everything else is the page's. */
export function Shell() {
  const [keyMap, setKeyMap] = useState(false);
  useShortcuts({ "?": () => setKeyMap(true) });
  const wall = useLocation().pathname === "/live";
  return (
    <div className="flex h-full flex-col-reverse md:flex-row">
      <nav
        aria-label="Main"
        className="bg-panel flex shrink-0 justify-around border-t pb-[env(safe-area-inset-bottom)] md:w-15 md:flex-col md:justify-start md:gap-1 md:border-t-0 md:border-r md:px-2 md:py-3"
      >
        <img src="/icon.svg" alt="" className="mx-auto mb-3 hidden size-8 md:block" />
        {pages.map(({ to, label, icon: Icon }) => (
          <NavLink
            key={to}
            to={to}
            title={label}
            className={({ isActive }) =>
              cn(
                "text-soft hover:text-text flex h-14 flex-1 flex-col items-center justify-center gap-1 rounded-md text-[11px] transition-colors md:h-12 md:flex-none md:text-[10px]",
                isActive && "text-accent hover:text-accent md:bg-raised",
              )
            }
          >
            <Icon className="size-5 stroke-[1.75]" aria-hidden />
            {label}
          </NavLink>
        ))}
        <AccountMenu onKeyMap={() => setKeyMap(true)} />
      </nav>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <ConnectionBanner />
        <main className={cn("min-h-0 flex-1", wall ? "overflow-hidden" : "overflow-y-auto")}>
          <Outlet />
        </main>
      </div>
      {keyMap && <KeyMap onClose={() => setKeyMap(false)} />}
    </div>
  );
}

function AccountMenu({ onKeyMap }: { onKeyMap: () => void }) {
  const me = useMe();
  const item =
    "flex h-10 cursor-pointer items-center gap-2 rounded-md px-3 outline-none data-highlighted:bg-line [&_svg]:size-4";
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        aria-label="Account"
        className="text-soft hover:text-text flex h-14 flex-1 flex-col items-center justify-center gap-1 rounded-md text-[11px] md:mt-auto md:h-12 md:flex-none md:text-[10px]"
      >
        <CircleUserRound className="size-5 stroke-[1.75]" aria-hidden />
        <span className="max-w-13 truncate">{me.data?.username ?? "Account"}</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side="top"
          align="end"
          sideOffset={8}
          className="bg-raised z-50 min-w-52 rounded-lg border p-1 shadow-2xl"
        >
          <div className="text-soft px-3 py-2 text-[13px]">
            Signed in as <span className="text-text">{me.data?.username ?? "…"}</span>
          </div>
          <DropdownMenu.Item className={item} onSelect={onKeyMap}>
            <kbd className="w-4 text-center font-sans">?</kbd> Keys
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={() => void signOut()}>
            <LogOut /> Sign out
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
