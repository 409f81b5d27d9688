import type { ReactNode } from "react";
import { LanguageChoice } from "./LanguageChoice";

/** The calm frame of the screens before the product: sign-in and first run. */
export function EntryCard({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <main className="flex min-h-full items-center justify-center bg-[radial-gradient(ellipse_at_top,var(--glow),transparent_60%)] p-4">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center gap-3">
          <img src="/icon.svg" alt="" className="size-9" />
          <div>
            <h1 className="text-lg leading-tight font-semibold">{title}</h1>
            {lead && <p className="text-soft text-[13px]">{lead}</p>}
          </div>
        </div>
        <div className="bg-panel rounded-xl border p-6 shadow-2xl">{children}</div>
        <div className="mt-4 text-center">
          <LanguageChoice className="text-soft hover:text-text rounded-md bg-transparent p-2 text-[13px] max-md:h-11" />
        </div>
      </div>
    </main>
  );
}
