import type { UsageLimits } from "@/api/sites";
import { TextField } from "@/components/ui/Field";
import { words } from "./words";

export type LimitName = keyof UsageLimits;

export const siteLimits: readonly LimitName[] = ["camerasPerLayout", "liveStreamsPerUser"];
export const tenantLimits: readonly LimitName[] = [...siteLimits, "sessions"];

/** Inputs named `limits.NAME`, for a form. */
export function LimitFields({
  names,
  limits,
  error,
}: {
  names: readonly LimitName[];
  limits: UsageLimits | undefined;
  error: (field: string) => string | undefined;
}) {
  return (
    <fieldset className="space-y-3">
      <legend className="text-soft text-[13px] font-medium">{words.limits}</legend>
      <p className="text-faint text-[13px]">{words.limitsHint}</p>
      <div className="grid gap-4 sm:grid-cols-2">
        {names.map((name) => (
          <TextField
            key={name}
            label={words[name]}
            name={`limits.${name}`}
            type="number"
            min={1}
            max={100_000}
            step={1}
            placeholder={words.noLimit}
            defaultValue={limits?.[name] ?? ""}
            error={error(`limits.${name}`)}
          />
        ))}
      </div>
    </fieldset>
  );
}

/** Those of the form; an empty input is no limit. */
export function limitsOf(form: FormData, names: readonly LimitName[]): UsageLimits {
  return Object.fromEntries(
    names.map((name) => {
      const typed = String(form.get(`limits.${name}`) ?? "").trim();
      return [name, typed === "" ? null : Number(typed)];
    }),
  );
}
