import { Plus, Trash2 } from "lucide-react";
import type { ActiveSpan, ActiveTimes } from "@/api/analytics";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { SelectField } from "@/components/ui/Field";
import { days } from "@/features/cameras/schedule";
import { words as dayWords } from "@/features/cameras/words";
import { words } from "./words";

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const workingHours: ActiveSpan = { days: ["mon", "tue", "wed", "thu", "fri"], from: "08:00", to: "18:00" };
const nights: ActiveSpan = { days: [...days], from: "18:00", to: "06:00" };
const starts = { workingHours, nights };

/** When a zone or line counts: always, or in spans of the week. */
export function ScheduleFields({
  schedule,
  disabled,
  onChange,
}: {
  schedule: ActiveTimes | null;
  disabled: boolean;
  onChange: (schedule: ActiveTimes | null) => void;
}) {
  const change = (spans: ActiveSpan[]) => onChange({ timeZone: schedule?.timeZone ?? here, spans });
  const set = (index: number, part: Partial<ActiveSpan>) =>
    schedule && change(schedule.spans.map((s, i) => (i === index ? { ...s, ...part } : s)));
  return (
    <fieldset className="min-w-0 space-y-3" disabled={disabled}>
      <SelectField
        label={words.counts}
        value={schedule ? "times" : "always"}
        onChange={(e) => (e.target.value === "always" ? onChange(null) : change([workingHours]))}
      >
        <option value="always">{words.always}</option>
        <option value="times">{words.atTimes}</option>
      </SelectField>
      {schedule && (
        <>
          {schedule.spans.map((span, i) => (
            <div key={i} className="bg-ground space-y-2 rounded-md border p-3">
              <div role="group" aria-label={words.onDays} className="flex gap-1">
                {days.map((day, n) => {
                  const on = span.days.includes(day);
                  return (
                    <button
                      key={day}
                      type="button"
                      aria-pressed={on}
                      title={dayWords.dayNames[n]}
                      // The last one stays: a span without a day is none.
                      disabled={on && span.days.length === 1}
                      onClick={() => set(i, { days: days.filter((d) => (d === day ? !on : span.days.includes(d))) })}
                      className={cn(
                        "h-8 min-w-0 flex-1 rounded text-[12px] max-md:h-11",
                        on ? "bg-accent-strong text-white" : "bg-raised text-soft hover:text-text",
                      )}
                    >
                      {dayWords.dayNamesShort[n]}
                    </button>
                  );
                })}
              </div>
              <div className="flex items-center gap-2">
                <Clock label={words.from} value={span.from} onChange={(from) => set(i, { from })} />
                <span className="text-soft" aria-hidden>
                  –
                </span>
                <Clock
                  label={words.until}
                  value={span.to}
                  onChange={(to) => set(i, { to: to === "00:00" ? "24:00" : to })}
                />
                <Button
                  variant="ghost"
                  size="icon"
                  className="ml-auto max-md:size-11"
                  aria-label={words.removeSpan}
                  title={words.removeSpan}
                  onClick={() => {
                    const left = schedule.spans.filter((_, n) => n !== i);
                    if (left.length > 0) change(left);
                    else onChange(null);
                  }}
                >
                  <Trash2 />
                </Button>
              </div>
              {span.to <= span.from && <p className="text-faint text-[13px]">{words.nextDay}</p>}
            </div>
          ))}
          <div className="flex flex-wrap gap-1.5">
            {(["workingHours", "nights"] as const).map((name) => (
              <Button
                key={name}
                size="sm"
                className="max-md:h-11"
                onClick={() => change([...schedule.spans, starts[name]])}
              >
                <Plus /> {words.spans[name]}
              </Button>
            ))}
          </div>
          <SelectField
            label={words.timeZone}
            value={schedule.timeZone}
            onChange={(e) => onChange({ ...schedule, timeZone: e.target.value })}
          >
            {[...new Set([schedule.timeZone, here, "UTC", ...Intl.supportedValuesOf("timeZone")])].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </SelectField>
        </>
      )}
    </fieldset>
  );
}

function Clock({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <input
      type="time"
      required
      aria-label={label}
      // Midnight at the end of a day is its own hour to the server, and the first one of a day to browsers.
      value={value === "24:00" ? "00:00" : value}
      onChange={(e) => e.target.value && onChange(e.target.value)}
      className="bg-ground tabular h-9 min-w-0 rounded-md border px-2 max-md:h-11"
    />
  );
}
