import { Plus, X } from "lucide-react";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { SelectField, TextField } from "@/components/ui/Field";
import { here, night, weekDays, type ScheduleDraft, type SpanDraft } from "./draft";
import type { FieldError } from "./RuleForm";
import { words } from "./words";

/** The times of the week at which a rule counts: in one of these spans. */
export function ScheduleFields({
  schedule,
  onChange,
  error,
}: {
  schedule: ScheduleDraft;
  onChange: (schedule: ScheduleDraft) => void;
  error: FieldError;
}) {
  const { spans, timeZone } = schedule;
  const replace = (index: number, span: SpanDraft) =>
    onChange({ ...schedule, spans: spans.map((s, i) => (i === index ? span : s)) });
  return (
    <fieldset className="space-y-3">
      <legend className="text-soft text-[13px] font-medium">{words.conditions.schedule}</legend>
      {spans.map((span, i) => (
        <Span
          key={i}
          span={span}
          error={(name) => error(`when.schedule.spans[${i}].${name}`)}
          onChange={(next) => replace(i, next)}
          onRemove={
            spans.length > 1 ? () => onChange({ ...schedule, spans: spans.filter((_, j) => j !== i) }) : undefined
          }
        />
      ))}
      {error("when.schedule.spans") && (
        <p role="alert" className="text-alarm text-[13px]">
          {error("when.schedule.spans")}
        </p>
      )}
      <Button
        size="sm"
        className="max-md:h-11"
        onClick={() => onChange({ ...schedule, spans: [...spans, spans.at(-1) ?? night] })}
      >
        <Plus /> {words.addSpan}
      </Button>
      <SelectField
        label={words.timeZone}
        value={timeZone}
        onChange={(e) => onChange({ ...schedule, timeZone: e.target.value })}
        error={error("when.schedule.timeZone")}
      >
        {[...new Set([timeZone, here, "UTC", ...Intl.supportedValuesOf("timeZone")])].map((name) => (
          <option key={name}>{name}</option>
        ))}
      </SelectField>
    </fieldset>
  );
}

function Span({
  span,
  error,
  onChange,
  onRemove,
}: {
  span: SpanDraft;
  error: FieldError;
  onChange: (span: SpanDraft) => void;
  onRemove: (() => void) | undefined;
}) {
  const overnight = span.to <= span.from && span.to !== "";
  return (
    <div className="bg-ground space-y-2 rounded-md border p-3">
      <div className="flex items-start gap-2">
        <div role="group" aria-label={words.onDays} className="flex min-w-0 flex-1 flex-wrap gap-1">
          {weekDays.map((day, i) => {
            const on = span.days.includes(day);
            return (
              <button
                key={day}
                type="button"
                aria-pressed={on}
                title={words.dayNames[i]}
                onClick={() =>
                  onChange({ ...span, days: weekDays.filter((d) => (d === day ? !on : span.days.includes(d))) })
                }
                className={cn(
                  "h-8 min-w-9 rounded-md border px-1.5 text-[13px] max-md:h-11 max-md:min-w-11",
                  on ? "bg-accent-strong border-accent-strong text-white" : "text-soft hover:text-text",
                )}
              >
                {words.days[i]}
              </button>
            );
          })}
        </div>
        {onRemove && (
          <Button
            size="icon"
            variant="ghost"
            className="-m-1 max-md:size-11"
            aria-label={words.removeSpan}
            onClick={onRemove}
          >
            <X />
          </Button>
        )}
      </div>
      {error("days") && (
        <p role="alert" className="text-alarm text-[13px]">
          {error("days")}
        </p>
      )}
      <div className="grid grid-cols-2 gap-3">
        <TextField
          label={words.from}
          type="time"
          value={span.from}
          onChange={(e) => onChange({ ...span, from: e.target.value })}
          error={error("from")}
        />
        {/* A day ends at 24:00, which browsers write 00:00. */}
        <TextField
          label={words.to}
          type="time"
          value={span.to === "24:00" ? "00:00" : span.to}
          onChange={(e) => onChange({ ...span, to: e.target.value === "00:00" ? "24:00" : e.target.value })}
          hint={overnight ? words.nextDay : undefined}
          error={error("to")}
        />
      </div>
    </div>
  );
}
