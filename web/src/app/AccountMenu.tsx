import { Bell, CircleUserRound, ListChecks, LogOut } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { Link } from "react-router";
import { signOut } from "@/api/signIn";
import { useMay, useMe } from "@/api/useMe";
import { cn } from "@/components/cn";
import { setCentreOpen } from "@/notifications/centre";
import { useTold } from "@/notifications/inbox";
import { words as notificationWords } from "@/notifications/words";
import { allowedPages } from "./pages";
import { words } from "./words";

const item =
  "flex h-10 cursor-pointer items-center gap-2 rounded-md px-3 outline-none max-md:h-11 data-highlighted:bg-line [&_svg]:size-4";

/** Who is signed in, and what is theirs: settings, the map of keys, the way out. */
export function AccountMenu({ onKeyMap, onJobs }: { onKeyMap: () => void; onJobs: () => void }) {
  const me = useMe();
  const may = useMay();
  const unseen = useTold(me.data?.id).filter((told) => !told.seen).length;
  const account = me.data ? words.accountOf(me.data.username) : words.account;
  const notifications = unseen > 0 ? notificationWords.unseen(unseen) : notificationWords.notifications;
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger
        aria-label={unseen > 0 ? `${account}. ${notifications}` : account}
        className="text-soft hover:text-text relative flex h-14 min-w-11 flex-1 flex-col items-center justify-center gap-1 rounded-md text-[10px] md:h-12 md:min-w-0 md:flex-none"
      >
        <CircleUserRound className="size-5 stroke-[1.75]" aria-hidden />
        {unseen > 0 && (
          <span aria-hidden className="bg-accent absolute top-2 left-1/2 ml-2 size-2.5 rounded-full md:top-1" />
        )}
        <span className="max-w-full truncate">{me.data?.username ?? words.account}</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side="top"
          align="end"
          sideOffset={8}
          className="bg-raised z-50 min-w-52 rounded-lg border p-1 shadow-2xl"
        >
          <div className="text-soft px-3 py-2 text-[13px]">
            {words.signedInAs} <span className="text-text">{me.data?.username ?? "…"}</span>
          </div>
          {allowedPages(may)
            .filter((page) => page.wideOnly)
            .map(({ to, name, icon: Icon }) => (
              <DropdownMenu.Item key={to} className={cn(item, name !== "settings" && "md:hidden")} asChild>
                <Link to={to}>
                  <Icon /> {words.pages[name]}
                </Link>
              </DropdownMenu.Item>
            ))}
          {may("jobs.read") && (
            <DropdownMenu.Item className={cn(item, "md:hidden")} onSelect={onJobs}>
              <ListChecks /> {words.jobs}
            </DropdownMenu.Item>
          )}
          <DropdownMenu.Item className={item} onSelect={() => setCentreOpen(true)}>
            <Bell /> {notifications}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={onKeyMap}>
            <kbd className="w-4 text-center font-sans">?</kbd> {words.keys}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={item} onSelect={() => void signOut()}>
            <LogOut /> {words.signOut}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
