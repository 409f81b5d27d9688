import type { LucideIcon } from "lucide-react";
import { useId, type ReactNode } from "react";

/** One integration: what it is for, how it is, and what can be done with it. */
export function Part({
  icon: Icon,
  title,
  lead,
  action,
  children,
}: {
  icon: LucideIcon;
  title: string;
  lead: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="bg-panel rounded-lg border">
      <header className="flex flex-wrap items-start gap-x-6 gap-y-3 p-4 md:p-5">
        <div className="flex min-w-0 flex-1 basis-64 gap-3">
          <Icon className="text-soft mt-0.5 size-5 shrink-0 stroke-[1.5]" aria-hidden />
          <div className="min-w-0">
            <h3 id={id} className="font-medium">
              {title}
            </h3>
            <p className="text-soft mt-0.5 text-[13px] text-pretty">{lead}</p>
          </div>
        </div>
        {action}
      </header>
      <div className="border-t empty:hidden">{children}</div>
    </section>
  );
}
