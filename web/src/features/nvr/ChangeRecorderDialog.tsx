import { useState, type FormEvent } from "react";
import { useChangeNvr, type NvrView } from "@/api/nvr";
import { ApiError } from "@/api/problem";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words } from "./words";

/** Its name and its credentials; those are tried at the recorder, and hold for its cameras too. */
export function ChangeRecorderDialog({ nvr, onClose }: { nvr: NvrView; onClose: () => void }) {
  const change = useChangeNvr(nvr.id);
  const [changed, setChanged] = useState(false);
  const error = change.error instanceof ApiError ? change.error : null;

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get("password"));
    change.mutate(
      {
        name: String(form.get("name")).trim(),
        username: String(form.get("username")).trim() || null,
        ...(password ? { password } : {}),
      },
      { onSuccess: onClose },
    );
  }

  return (
    <Dialog
      busy={change.isPending}
      unsaved={changed}
      onClose={onClose}
      title={words.changeTitle(nvr.name)}
      description={words.changeDetail}
    >
      <form onSubmit={onSubmit} onChange={() => setChanged(true)} className="space-y-4" autoComplete="off">
        <TextField label={words.name} name="name" defaultValue={nvr.name} required error={error?.field("name")} />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={words.user}
            name="username"
            defaultValue={nvr.username ?? ""}
            autoComplete="off"
            error={error?.field("username")}
          />
          <TextField
            label={words.password}
            name="password"
            type="password"
            autoComplete="new-password"
            placeholder={words.unchanged}
            error={error?.field("password")}
          />
        </div>
        {change.error && !error?.problem.fields && (
          <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {change.error.message}
          </p>
        )}
        <div className="flex justify-end gap-2 pt-2">
          <CancelButton disabled={change.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={change.isPending}>
            {change.isPending ? words.asking : words.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
