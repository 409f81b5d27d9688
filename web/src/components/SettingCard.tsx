import { useId, type ReactNode } from "react";

/** One thing that can be set: what it is, what it does, and the means beside it. */
export function SettingCard({ title, hint, children }: { title: string; hint: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="bg-panel flex flex-wrap items-center justify-between gap-x-8 gap-y-4 rounded-lg border p-5"
    >
      <div className="min-w-0 flex-1 basis-60">
        <h3 id={id} className="font-medium">
          {title}
        </h3>
        <p className="text-soft mt-1 text-[13px] text-pretty">{hint}</p>
      </div>
      {children}
    </section>
  );
}
