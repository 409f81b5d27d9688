import type { ReactNode } from "react";
import { NavLink, useLocation } from "react-router";
import { cn } from "@/components/cn";
import { words } from "./words";

const tabs = [
  { to: "/search", name: "find" },
  { to: "/search/detections", name: "detections" },
  { to: "/search/counts", name: "counts" },
] as const;

/** The pages of the search; what is looked for goes along from one to the other. */
export function SearchFrame({ panel, children }: { panel?: ReactNode; children: ReactNode }) {
  const { search } = useLocation();
  const wished = new URLSearchParams(search);
  wished.delete("result");
  const rest = wished.size > 0 ? `?${wished.toString()}` : "";
  return (
    <div className="flex h-full">
      <div className="min-w-0 flex-1 overflow-y-auto">
        <div className="mx-auto max-w-[100rem] space-y-4 p-4 md:p-6">
          <header className="flex flex-wrap items-center gap-x-6 gap-y-2">
            <h1 className="text-xl font-semibold">{words.search}</h1>
            <nav aria-label={words.search} className="flex gap-1 max-md:-mx-2">
              {tabs.map(({ to, name }) => (
                <NavLink
                  key={to}
                  to={to + rest}
                  end
                  className={({ isActive }) =>
                    cn(
                      "text-soft hover:bg-raised hover:text-text flex h-9 items-center rounded-md px-3 max-md:h-11",
                      isActive && "bg-raised text-text",
                    )
                  }
                >
                  {words.tabs[name]}
                </NavLink>
              ))}
            </nav>
          </header>
          {children}
        </div>
      </div>
      {panel}
    </div>
  );
}
