import { useState, type FormEvent } from "react";
import { ApiError } from "@/api/problem";
import { useAddTenant } from "@/api/tenants";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

const fields = ["id", "name", "administrator.username", "administrator.password"];

/** A tenant without anybody who could sign in is of no use: its first administrator comes with it. */
export function AddTenantDialog({ onClose }: { onClose: () => void }) {
  const [changed, setChanged] = useState(false);
  const add = useAddTenant();
  const field = (name: string) => (add.error instanceof ApiError ? add.error.field(name) : undefined);
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name)).trim();
    add.mutate(
      {
        id: text("id"),
        name: text("name"),
        limits: null,
        administrator: {
          username: text("administrator.username"),
          password: String(form.get("administrator.password")),
        },
      },
      { onSuccess: onClose },
    );
  }
  return (
    <Dialog title={words.add} busy={add.isPending} unsaved={changed} onClose={onClose}>
      <form onSubmit={onSubmit} onChange={() => setChanged(true)} className="space-y-4">
        <TextField label={words.name} name="name" required maxLength={64} error={field("name")} />
        <TextField
          label={words.id}
          name="id"
          required
          maxLength={24}
          autoCapitalize="none"
          spellCheck={false}
          hint={words.idHint}
          error={field("id")}
        />
        <fieldset className="space-y-4">
          <legend className="mb-1 font-medium">{words.administrator}</legend>
          <p className="text-soft text-[13px]">{words.administratorHint}</p>
          <TextField
            label={words.username}
            name="administrator.username"
            required
            maxLength={64}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            error={field("administrator.username")}
          />
          <TextField
            label={words.password}
            name="administrator.password"
            type="password"
            required
            maxLength={256}
            autoComplete="new-password"
            hint={words.passwordHint}
            error={field("administrator.password")}
          />
        </fieldset>
        <FormProblem error={add.error} shown={fields} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={add.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={add.isPending}>
            {add.isPending ? pageWords.saving : pageWords.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
