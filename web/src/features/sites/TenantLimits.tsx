import { useState, type FormEvent } from "react";
import { ApiError } from "@/api/problem";
import { usePatchTenant, useTenant } from "@/api/sites";
import { FormProblem } from "@/components/FormProblem";
import { QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { LimitFields, limitsOf, tenantLimits } from "./LimitFields";
import { words } from "./words";

/** What everything together may use, and what it is called. */
export function TenantLimits({ id, onClose }: { id: string; onClose: () => void }) {
  const [changed, setChanged] = useState(false);
  const tenant = useTenant(id);
  const patch = usePatchTenant(id, tenant.data);
  const field = (f: string) => (patch.error instanceof ApiError ? patch.error.field(f) : undefined);
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    patch.mutate(
      { name: String(form.get("name")).trim(), limits: limitsOf(form, tenantLimits) },
      { onSuccess: onClose },
    );
  }
  return (
    <Dialog title={words.tenantLimits} busy={patch.isPending} unsaved={changed} onClose={onClose}>
      {tenant.isPending ? (
        <Skeleton className="h-48" />
      ) : tenant.isError ? (
        <QueryError what={words.theTree} error={tenant.error} onRetry={() => void tenant.refetch()} />
      ) : (
        <form onSubmit={onSubmit} onChange={() => setChanged(true)} className="space-y-4">
          <TextField
            label={words.name}
            name="name"
            defaultValue={tenant.data.name}
            required
            maxLength={64}
            error={field("name")}
          />
          <LimitFields names={tenantLimits} limits={tenant.data.limits} error={field} />
          <FormProblem error={patch.error} shown={["name", ...tenantLimits.map((n) => `limits.${n}`)]} />
          <div className="flex justify-end gap-2">
            <CancelButton disabled={patch.isPending} />
            <Button type="submit" variant="primary" className="max-md:h-11" disabled={patch.isPending}>
              {patch.isPending ? pageWords.saving : pageWords.save}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
