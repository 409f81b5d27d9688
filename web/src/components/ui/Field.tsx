import { useId, type ComponentProps, type ReactNode } from "react";
import { cn } from "../cn";

const box =
  "h-10 w-full rounded-md border bg-ground px-3 text-text placeholder:text-faint transition-colors hover:border-faint aria-invalid:border-alarm disabled:opacity-60";

/** A labelled text input with its hint or, instead of it, what is wrong. */
export function TextField({
  label,
  hint,
  error,
  className,
  ...props
}: Omit<ComponentProps<"input">, "id"> & { label: string; hint?: ReactNode; error?: string | undefined }) {
  const id = useId();
  return (
    <div className={cn("space-y-1.5", className)}>
      <label htmlFor={id} className="text-soft block text-[13px] font-medium">
        {label}
      </label>
      <input
        id={id}
        className={box}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-note`}
        {...props}
      />
      <Note id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
}

/** A labelled choice of few: the browser's own select is the best one on a phone. */
export function SelectField({
  label,
  hint,
  error,
  className,
  children,
  ...props
}: Omit<ComponentProps<"select">, "id"> & { label: string; hint?: ReactNode; error?: string | undefined }) {
  const id = useId();
  return (
    <div className={cn("space-y-1.5", className)}>
      <label htmlFor={id} className="text-soft block text-[13px] font-medium">
        {label}
      </label>
      <select
        id={id}
        className={cn(box, "pr-8")}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-note`}
        {...props}
      >
        {children}
      </select>
      <Note id={`${id}-note`} hint={hint} error={error} />
    </div>
  );
}

function Note({ id, hint, error }: { id: string; hint?: ReactNode; error?: string | undefined }) {
  if (error)
    return (
      <p id={id} role="alert" className="text-alarm text-[13px]">
        {error}
      </p>
    );
  return (
    <p id={id} className="text-faint text-[13px] empty:hidden">
      {hint}
    </p>
  );
}
