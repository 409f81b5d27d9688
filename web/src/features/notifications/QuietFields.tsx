import type { NotificationPreferences } from "@/api/notifications";
import { cn } from "@/components/cn";
import { Check } from "@/components/ui/Check";
import { SelectField, TextField } from "@/components/ui/Field";
import { KindPick } from "./KindPick";
import { days, dayWord, quietWords, usualQuiet, type Day } from "./quiet";
import { words } from "./words";

/** When nothing is told, and what is told then all the same. */
export function QuietFields({
  quiet,
  through,
  error,
  onChange,
}: {
  quiet: NotificationPreferences["quiet"];
  through: readonly string[];
  error: (field: string) => string | undefined;
  onChange: (part: Partial<NotificationPreferences>) => void;
}) {
  return (
    <>
      <Check
        label={words.quietOn}
        checked={quiet !== null}
        onChange={(e) => onChange({ quiet: e.target.checked ? usualQuiet() : null })}
      />
      {quiet && (
        <div className="mt-3 space-y-4">
          <div className="flex flex-wrap gap-3">
            <TextField
              label={words.from}
              type="time"
              required
              className="w-32"
              value={quiet.from ?? ""}
              error={error("quiet.from")}
              onChange={(e) => onChange({ quiet: { ...quiet, from: e.target.value } })}
            />
            <TextField
              label={words.to}
              type="time"
              required
              className="w-32"
              value={quiet.to ?? ""}
              error={error("quiet.to")}
              onChange={(e) => onChange({ quiet: { ...quiet, to: e.target.value } })}
            />
            <SelectField
              label={words.zone}
              className="min-w-48 flex-1"
              value={quiet.timeZone ?? ""}
              error={error("quiet.timeZone")}
              onChange={(e) => onChange({ quiet: { ...quiet, timeZone: e.target.value } })}
            >
              {zonesWith(quiet.timeZone ?? "").map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </SelectField>
          </div>
          <Days chosen={quiet.days ?? []} onChange={(chosen) => onChange({ quiet: { ...quiet, days: chosen } })} />
          <p className="tabular text-[13px]">{quietWords(quiet)}</p>
          <fieldset>
            <legend className="text-soft text-[13px] font-medium">{words.through}</legend>
            <p className="text-faint text-[13px]">{words.throughHint}</p>
            <KindPick types={through} onChange={(types) => onChange({ through: types })} />
          </fieldset>
        </div>
      )}
    </>
  );
}

/** None is each day: what is shown as chosen is what holds. */
function Days({ chosen, onChange }: { chosen: readonly string[]; onChange: (days: Day[]) => void }) {
  const on = days.filter((day) => chosen.length === 0 || chosen.includes(day));
  return (
    <fieldset>
      <legend className="text-soft mb-1.5 text-[13px] font-medium">{words.quietDays}</legend>
      <div className="flex flex-wrap gap-1.5">
        {days.map((day) => {
          const isOn = on.includes(day);
          return (
            <button
              key={day}
              type="button"
              aria-pressed={isOn}
              // The last one stays: hours on no day are none.
              disabled={isOn && on.length === 1}
              onClick={() => onChange(days.filter((d) => (d === day ? !isOn : on.includes(d))))}
              className={cn(
                "h-9 min-w-11 rounded-md border px-2 text-[13px] max-md:h-11",
                isOn ? "border-accent text-text" : "text-soft hover:text-text",
              )}
            >
              {dayWord(day)}
            </button>
          );
        })}
      </div>
    </fieldset>
  );
}

/** All that this browser knows, and the chosen one. */
function zonesWith(zone: string): string[] {
  const all = Intl.supportedValuesOf("timeZone");
  return zone && !all.includes(zone) ? [zone, ...all] : all;
}
