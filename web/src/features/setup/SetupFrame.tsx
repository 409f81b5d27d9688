import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/components/cn";
import { LanguageChoice } from "@/components/LanguageChoice";
import { steps, type Step } from "./progress";
import { words } from "./words";

/** The calm frame of the first run, with how far one is. Steps that were done can be looked at again. */
export function SetupFrame({
  step,
  onStep,
  children,
}: {
  /** Null: there is nothing to do here. */
  step: Step | null;
  onStep?: ((step: Step) => void) | undefined;
  children: ReactNode;
}) {
  const wide = step !== null && step !== "administrator";
  const at = step === null ? -1 : steps.indexOf(step);
  return (
    <main className="flex min-h-full justify-center bg-[radial-gradient(ellipse_at_top,var(--glow),transparent_60%)] p-4 sm:items-start sm:py-12">
      <div className={cn("w-full", wide ? "max-w-3xl" : "max-w-md")}>
        <div className="mb-6 flex items-center gap-3">
          <img src="/icon.svg" alt="" className="size-9" />
          <div>
            <h1 className="text-lg leading-tight font-semibold">{words.title}</h1>
            <p className="text-soft text-[13px]">{words.lead}</p>
          </div>
        </div>
        {step !== null && (
          <ol className="mb-6 grid grid-cols-4 gap-2 text-[12px]" aria-label={words.progress}>
            {steps.map((name, i) => {
              const again = onStep !== undefined && i > 0 && i < at;
              const label = (
                <>
                  <span className={cn("h-1 rounded-full", i <= at ? "bg-accent" : "bg-line")} />
                  <span className={cn("flex items-center gap-1", i === at ? "text-text" : "text-soft")}>
                    {i < at && <Check className="text-good size-3 shrink-0" aria-label={words.done} />}
                    <span className="truncate">{words.steps[name]}</span>
                  </span>
                </>
              );
              return (
                <li key={name} aria-current={i === at ? "step" : undefined}>
                  {again ? (
                    <button
                      type="button"
                      onClick={() => onStep(name)}
                      className="hover:text-text flex min-h-8 w-full flex-col gap-1.5 text-left max-md:min-h-11"
                    >
                      {label}
                    </button>
                  ) : (
                    <span className="flex min-h-8 flex-col gap-1.5 max-md:min-h-11">{label}</span>
                  )}
                </li>
              );
            })}
          </ol>
        )}
        <div className="bg-panel rounded-xl border p-5 shadow-2xl sm:p-6">{children}</div>
        <div className="mt-4 text-center">
          <LanguageChoice className="text-soft hover:text-text rounded-md bg-transparent p-2 text-[13px] max-md:h-11" />
        </div>
      </div>
    </main>
  );
}

/** What a step is about. */
export function StepTitle({ title, detail }: { title: string; detail: string }) {
  return (
    <div className="mb-5">
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="text-soft mt-1 text-pretty">{detail}</p>
    </div>
  );
}
