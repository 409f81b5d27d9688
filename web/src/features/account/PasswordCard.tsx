import { useState, type FormEvent } from "react";
import { toast } from "sonner";
import { useChangePassword } from "@/api/account";
import { usePasswordRules, usualMinLength } from "@/api/passwordRules";
import { ApiError } from "@/api/problem";
import { FormProblem } from "@/components/FormProblem";
import { SettingCard } from "@/components/SettingCard";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

export function PasswordCard() {
  const [open, setOpen] = useState(false);
  return (
    <SettingCard title={words.password} hint={words.passwordHint}>
      <Button className="max-md:h-11" onClick={() => setOpen(true)}>
        {words.changePassword}
      </Button>
      {open && <ChangePassword onClose={() => setOpen(false)} />}
    </SettingCard>
  );
}

function ChangePassword({ onClose }: { onClose: () => void }) {
  const change = useChangePassword();
  const minLength = usePasswordRules().data?.minLength ?? usualMinLength;
  const [typed, setTyped] = useState(false);
  const [differ, setDiffer] = useState(false);
  const field = (name: string) => (change.error instanceof ApiError ? change.error.field(name) : undefined);
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [currentPassword, newPassword] = [String(form.get("current")), String(form.get("new"))];
    const same = newPassword === form.get("again");
    setDiffer(!same);
    if (same)
      change.mutate(
        { currentPassword, newPassword },
        {
          onSuccess: () => {
            toast(words.passwordChanged);
            onClose();
          },
        },
      );
  }
  return (
    <Dialog title={words.changePassword} busy={change.isPending} unsaved={typed} onClose={onClose}>
      <form onSubmit={onSubmit} onChange={() => setTyped(true)} className="space-y-4">
        <TextField
          label={words.currentPassword}
          autoFocus
          name="current"
          type="password"
          autoComplete="current-password"
          required
          error={field("currentPassword")}
        />
        <TextField
          label={words.newPassword}
          name="new"
          type="password"
          autoComplete="new-password"
          required
          maxLength={256}
          hint={words.newPasswordHint(minLength)}
          error={field("newPassword")}
        />
        <TextField
          label={words.again}
          name="again"
          type="password"
          autoComplete="new-password"
          required
          error={differ ? words.notTheSame : undefined}
        />
        <FormProblem error={change.error} shown={["currentPassword", "newPassword"]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={change.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={change.isPending}>
            {change.isPending ? pageWords.saving : words.changePassword}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
