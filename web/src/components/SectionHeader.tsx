import type { ReactNode } from "react";

/** What a section of the settings is about, and what can be added to it. */
export function SectionHeader({ title, lead, children }: { title: string; lead: string; children?: ReactNode }) {
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="font-semibold">{title}</h2>
        <p className="text-soft mt-0.5 text-[13px] text-pretty">{lead}</p>
      </div>
      {children && <div className="flex flex-wrap gap-2">{children}</div>}
    </header>
  );
}
