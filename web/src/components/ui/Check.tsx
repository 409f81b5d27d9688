import type { ComponentProps, ReactNode } from "react";
import { cn } from "../cn";

/** A box to tick with its words, and what they mean below. */
export function Check({
  label,
  hint,
  className,
  ...props
}: Omit<ComponentProps<"input">, "type"> & { label: ReactNode; hint?: ReactNode }) {
  return (
    <label className={cn("flex min-h-8 items-start gap-2.5 py-1 max-md:min-h-11 max-md:py-2.5", className)}>
      <input type="checkbox" className="accent-accent mt-0.5 size-4 shrink-0" {...props} />
      <span className="min-w-0">
        {label}
        {hint && <span className="text-faint block text-[13px]">{hint}</span>}
      </span>
    </label>
  );
}
