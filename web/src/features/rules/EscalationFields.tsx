import { Plus, X } from "lucide-react";
import type { EscalationStep } from "@/api/rules";
import { useMay } from "@/api/useMe";
import { useUsers } from "@/api/users";
import { useWebhooks } from "@/api/webhooks";
import { Button } from "@/components/ui/Button";
import { SelectField, TextField } from "@/components/ui/Field";
import { newStep } from "./draft";
import { words } from "./words";

const maxSteps = 8;

/** Who hears of an alarm that nobody acknowledges, one after the other. */
export function EscalationFields({
  steps,
  onChange,
  error,
}: {
  steps: readonly EscalationStep[];
  onChange: (steps: EscalationStep[]) => void;
  error: string | undefined;
}) {
  return (
    <fieldset className="space-y-2 sm:col-span-2">
      <legend className="text-soft text-[13px] font-medium">{words.escalation}</legend>
      {steps.length === 0 && <p className="text-faint text-[13px]">{words.noEscalation}</p>}
      {steps.map((step, i) => (
        <div key={i} className="flex items-start gap-2">
          <div className="grid min-w-0 flex-1 grid-cols-2 gap-2 sm:grid-cols-[6rem_9rem_minmax(0,1fr)]">
            <TextField
              label={words.afterMinutes}
              type="number"
              min={1}
              max={10_080}
              value={step.afterMinutes ?? ""}
              onChange={(e) => onChange(replaced(steps, i, { ...step, afterMinutes: Number(e.target.value) || null }))}
            />
            <SelectField
              label={words.channel}
              value={step.channel ?? "push"}
              onChange={(e) => onChange(replaced(steps, i, { ...step, channel: e.target.value, target: "" }))}
            >
              {Object.entries(words.channels).map(([channel, name]) => (
                <option key={channel} value={channel}>
                  {name}
                </option>
              ))}
            </SelectField>
            <Target step={step} onChange={(target) => onChange(replaced(steps, i, { ...step, target }))} />
          </div>
          <Button
            size="icon"
            variant="ghost"
            className="mt-6.5 max-md:size-11"
            aria-label={words.removeStep(i + 1)}
            onClick={() => onChange(steps.filter((_, j) => j !== i))}
          >
            <X />
          </Button>
        </div>
      ))}
      {error && (
        <p role="alert" className="text-alarm text-[13px]">
          {error}
        </p>
      )}
      {steps.length < maxSteps && (
        <Button size="sm" className="max-md:h-11" onClick={() => onChange([...steps, newStep])}>
          <Plus /> {words.addStep}
        </Button>
      )}
    </fieldset>
  );
}

const replaced = (steps: readonly EscalationStep[], index: number, step: EscalationStep) =>
  steps.map((s, i) => (i === index ? step : s));

function Target({ step, onChange }: { step: EscalationStep; onChange: (target: string) => void }) {
  const may = useMay();
  const webhooks = useWebhooks(may("integrations.write") && step.channel === "webhook").data ?? [];
  const users = useUsers(may("users.read") && step.channel === "push").data ?? [];
  const className = "max-sm:col-span-2";
  const target = step.target ?? "";
  const choices =
    step.channel === "webhook"
      ? webhooks.map(({ id, name }) => ({ id, name }))
      : step.channel === "push"
        ? users.map(({ username }) => ({ id: username, name: username }))
        : [];
  if (choices.length === 0)
    return (
      <TextField
        label={words.target}
        className={className}
        placeholder={step.channel === "email" ? words.addressPlaceholder : undefined}
        value={target}
        onChange={(e) => onChange(e.target.value)}
      />
    );
  return (
    <SelectField label={words.target} className={className} value={target} onChange={(e) => onChange(e.target.value)}>
      <option value="">{words.choose}</option>
      {target && !choices.some(({ id }) => id === target) && <option value={target}>{target}</option>}
      {choices.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
