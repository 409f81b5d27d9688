import { useState, type FormEvent } from "react";
import { toast } from "sonner";
import { usePasswordRules, usePatchPasswordRules, type PasswordRules } from "@/api/passwordRules";
import { ApiError } from "@/api/problem";
import { FormProblem } from "@/components/FormProblem";
import { SettingCard } from "@/components/SettingCard";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** What new passwords must be like, and its change. */
export function PasswordRulesCard({ mayWrite }: { mayWrite: boolean }) {
  const rules = usePasswordRules().data;
  const [open, setOpen] = useState(false);
  if (!rules) return null;
  return (
    <div className="mt-6">
      <SettingCard title={words.passwordRules} hint={words.rulesNow(rules.minLength, rules.refuseCommon)}>
        {mayWrite && (
          <Button className="max-md:h-11" onClick={() => setOpen(true)}>
            {words.changeRules}
          </Button>
        )}
        {open && <ChangeRules rules={rules} onClose={() => setOpen(false)} />}
      </SettingCard>
    </div>
  );
}

function ChangeRules({ rules, onClose }: { rules: PasswordRules; onClose: () => void }) {
  const patch = usePatchPasswordRules();
  const [typed, setTyped] = useState(false);
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    patch.mutate(
      { minLength: Number(form.get("minLength")), refuseCommon: form.get("refuseCommon") !== null },
      {
        onSuccess: () => {
          toast(words.rulesChanged);
          onClose();
        },
      },
    );
  }
  return (
    <Dialog
      title={words.passwordRules}
      description={words.rulesDetail}
      busy={patch.isPending}
      unsaved={typed}
      onClose={onClose}
    >
      <form onSubmit={onSubmit} onChange={() => setTyped(true)} className="space-y-4">
        <TextField
          label={words.minLength}
          name="minLength"
          type="number"
          min={8}
          max={64}
          required
          autoFocus
          className="w-40"
          defaultValue={rules.minLength}
          error={patch.error instanceof ApiError ? patch.error.field("minLength") : undefined}
        />
        <Check
          label={words.refuseCommon}
          hint={words.refuseCommonHint}
          name="refuseCommon"
          defaultChecked={rules.refuseCommon}
        />
        <FormProblem error={patch.error} shown={["minLength"]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={patch.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={patch.isPending}>
            {patch.isPending ? pageWords.saving : pageWords.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
