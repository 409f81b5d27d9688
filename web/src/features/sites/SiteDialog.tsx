import { useState, type FormEvent } from "react";
import { ApiError } from "@/api/problem";
import { useSaveSite, useSites } from "@/api/sites";
import { FormProblem } from "@/components/FormProblem";
import { Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { LimitFields, limitsOf, siteLimits } from "./LimitFields";
import { words } from "./words";

/** A site's name, and what of the installation may be used for its cameras. */
export function SiteDialog({ id, name, onClose }: { id: string | null; name: string; onClose: () => void }) {
  const [changed, setChanged] = useState(false);
  const sites = useSites();
  const site = sites.data?.find((s) => s.id === id);
  const save = useSaveSite(id, site);
  const field = (f: string) => (save.error instanceof ApiError ? save.error.field(f) : undefined);
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    save.mutate({ name: String(form.get("name")).trim(), limits: limitsOf(form, siteLimits) }, { onSuccess: onClose });
  }
  return (
    <Dialog
      title={id === null ? words.addSite : words.editSite(name)}
      busy={save.isPending}
      unsaved={changed}
      onClose={onClose}
    >
      {id !== null && !site ? (
        <Skeleton className="h-48" />
      ) : (
        <form onSubmit={onSubmit} onChange={() => setChanged(true)} className="space-y-4">
          <TextField
            label={words.name}
            name="name"
            defaultValue={name}
            required
            maxLength={64}
            autoFocus
            error={field("name")}
          />
          <LimitFields names={siteLimits} limits={site?.limits} error={field} />
          <FormProblem error={save.error} shown={["name", ...siteLimits.map((n) => `limits.${n}`)]} />
          <div className="flex justify-end gap-2">
            <CancelButton disabled={save.isPending} />
            <Button type="submit" variant="primary" className="max-md:h-11" disabled={save.isPending}>
              {save.isPending ? pageWords.saving : id === null ? words.addSite : pageWords.save}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
