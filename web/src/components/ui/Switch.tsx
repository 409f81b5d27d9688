import type { ComponentProps } from "react";
import { cn } from "../cn";

/** On or off, at once; its words are read, and may be seen beside it. */
export function Switch({
  label,
  shown = false,
  className,
  ...props
}: Omit<ComponentProps<"input">, "type" | "role"> & { label: string; shown?: boolean }) {
  return (
    <label className={cn("flex min-h-9 shrink-0 items-center gap-2.5 max-md:min-h-11", className)}>
      <span className="relative inline-flex h-5 w-9 shrink-0 has-disabled:opacity-50">
        <input
          type="checkbox"
          role="switch"
          className="peer absolute -inset-3 z-10 cursor-pointer opacity-0"
          {...(shown ? {} : { "aria-label": label, title: label })}
          {...props}
        />
        <span
          aria-hidden
          className="bg-raised peer-checked:bg-accent-strong peer-checked:border-accent-strong absolute inset-0 rounded-full border transition-colors peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2"
        />
        <span
          aria-hidden
          className="bg-soft absolute top-1 left-1 size-3 rounded-full transition-transform peer-checked:translate-x-4 peer-checked:bg-white"
        />
      </span>
      {shown && label}
    </label>
  );
}
