import { ListChecks } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { Toaster } from "sonner";
import { isOpenJob, useJobs } from "@/api/jobs";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { isSecondWindow } from "@/components/secondWindow";
import { Notifications } from "@/notifications/Notifications";
import { useShownTheme } from "@/theme/theme";
import { AccountMenu } from "./AccountMenu";
import { AlarmCount, AlarmsBell } from "./AlarmsBell";
import { Allowed } from "./Allowed";
import { ConnectionBanner } from "./ConnectionBanner";
import { KeyMap } from "./KeyMap";
import { allowedPages, pageAt } from "./pages";
import { useFeedUpdates } from "./useFeedUpdates";
import { useShortcuts } from "./useShortcuts";
import { words } from "./words";

const JobsTray = lazy(async () => ({ default: (await import("@/features/jobs/JobsTray")).JobsTray }));

/** Rail on the left (on a phone: at the bottom), everything else is the page's. A second window is all page. */
export function Shell() {
  const [keyMap, setKeyMap] = useState(false);
  const [jobs, setJobs] = useState(false);
  useFeedUpdates();
  useShortcuts({ "?": () => setKeyMap(true) });
  const { pathname } = useLocation();
  const page = pageAt(pathname);
  return (
    <div className="flex h-full flex-col-reverse md:flex-row">
      {page && <title>{words.windowTitle(words.pages[page.name])}</title>}
      {!isSecondWindow() && <Rail onKeyMap={() => setKeyMap(true)} onJobs={() => setJobs(true)} />}
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <ConnectionBanner />
        <main className={cn("min-h-0 flex-1", pathname === "/live" ? "overflow-hidden" : "overflow-y-auto")}>
          {(!page || page.untitled) && <h1 className="sr-only">{page ? words.pages[page.name] : words.notFound}</h1>}
          <Allowed page={page}>
            <Outlet />
          </Allowed>
        </main>
      </div>
      {keyMap && <KeyMap onClose={() => setKeyMap(false)} />}
      {jobs && (
        <Suspense>
          <JobsTray onClose={() => setJobs(false)} />
        </Suspense>
      )}
      <Notifications />
      <Toasts />
    </div>
  );
}

function Rail({ onKeyMap, onJobs }: { onKeyMap: () => void; onJobs: () => void }) {
  const may = useMay();
  return (
    <nav
      aria-label={words.main}
      className="bg-panel flex shrink-0 justify-around border-t pb-[env(safe-area-inset-bottom)] md:w-18 md:flex-col md:justify-start md:gap-1 md:border-t-0 md:border-r md:px-0.5 md:py-3"
    >
      <img src="/icon.svg" alt="" className="mx-auto mb-3 hidden size-8 md:block" />
      {allowedPages(may).map(({ to, name, icon: Icon, wideOnly }) => (
        // On a phone a long name takes what short ones leave.
        <NavLink
          key={to}
          to={to}
          title={words.pages[name]}
          className={({ isActive }) =>
            cn(
              "text-soft hover:text-text relative flex h-14 min-w-11 flex-auto flex-col items-center justify-center gap-1 rounded-md text-[10px] transition-colors md:h-12 md:min-w-0 md:flex-none",
              isActive && "text-accent hover:text-accent md:bg-raised",
              wideOnly && "max-md:hidden",
            )
          }
        >
          <Icon className="size-5 stroke-[1.75]" aria-hidden />
          {words.pages[name]}
          {name === "events" && <AlarmCount className="md:hidden" />}
        </NavLink>
      ))}
      <div className="contents md:mt-auto md:flex md:flex-col md:gap-1">
        {may("events.read") && <AlarmsBell />}
        {may("jobs.read") && <JobsButton onOpen={onJobs} />}
        <AccountMenu onKeyMap={onKeyMap} onJobs={onJobs} />
      </div>
    </nav>
  );
}

/** How much long work runs. A phone has no room for it in the rail: there it is in the account's menu. */
function JobsButton({ onOpen }: { onOpen: () => void }) {
  const running = useJobs(true).data?.filter(isOpenJob).length ?? 0;
  const label = running > 0 ? words.jobsRunning(running) : words.jobs;
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onOpen}
      className="text-soft hover:text-text relative hidden h-12 flex-col items-center justify-center gap-1 rounded-md text-[10px] md:flex"
    >
      <ListChecks className="size-5 stroke-[1.75]" aria-hidden />
      {words.jobsShort}
      {running > 0 && (
        <span
          aria-hidden
          className="bg-accent-strong tabular absolute top-0.5 right-3.5 grid h-4 min-w-4 place-items-center rounded-full px-1 text-[10px] font-medium text-white"
        >
          {running}
        </span>
      )}
    </button>
  );
}

function Toasts() {
  return (
    <Toaster
      theme={useShownTheme()}
      position="top-center"
      containerAriaLabel={words.notifications}
      style={{ "--width": "18rem" } as React.CSSProperties}
      toastOptions={{
        actionButtonStyle: { background: "var(--accent-strong)", color: "#fff", height: "28px", padding: "0 10px" },
        style: {
          background: "var(--raised)",
          borderColor: "var(--line)",
          color: "var(--text)",
          justifyContent: "center",
          padding: "8px 14px",
        },
      }}
    />
  );
}
