import { useId, type ReactNode } from "react";

/** A labelled slider that says its value in words, and what that does below. */
export function RangeField({
  label,
  said,
  hint,
  value,
  min,
  max,
  step,
  disabled,
  onChange,
  onHold,
}: {
  label: string;
  /** The value as people say it, with its unit. */
  said: string;
  hint?: ReactNode;
  value: number;
  min: number;
  max: number;
  step: number;
  disabled?: boolean;
  onChange: (value: number) => void;
  /** Somebody holds it, or has let it go. */
  onHold?: (held: boolean) => void;
}) {
  const id = useId();
  return (
    <div className="grid grid-cols-[1fr_auto] items-center gap-x-3">
      <label htmlFor={id} className="text-soft text-[13px] font-medium">
        {label}
      </label>
      <output htmlFor={id} className="tabular text-[13px]">
        {said}
      </output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        disabled={disabled}
        aria-valuetext={said}
        aria-describedby={`${id}-note`}
        onChange={(e) => onChange(Number(e.target.value))}
        onFocus={() => onHold?.(true)}
        onBlur={() => onHold?.(false)}
        className="accent-accent col-span-2 h-8 w-full max-md:h-11"
      />
      <p id={`${id}-note`} className="text-faint col-span-2 text-[13px] empty:hidden">
        {hint}
      </p>
    </div>
  );
}
