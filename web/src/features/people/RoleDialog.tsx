import { useState, type FormEvent } from "react";
import { ApiError } from "@/api/problem";
import { useSaveRole, type RoleView } from "@/api/roles";
import type { Permission } from "@/api/types";
import { ofWholeTenant, useMe, wholeTenantOf } from "@/api/useMe";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { SelectField, TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { roleName } from "@/rights/grantWords";
import { groupNames, permissionGroups } from "@/rights/permissionGroups";
import { words as rightsWords } from "@/rights/words";
import { words } from "./words";

/** A role of one's own: a name and what it may do, no more than whoever makes it. */
export function RoleDialog({
  edited,
  roles,
  onClose,
}: {
  edited: RoleView | null;
  roles: RoleView[];
  onClose: () => void;
}) {
  const me = useMe().data;
  const mine = me ? wholeTenantOf(me) : [];
  const [name, setName] = useState(edited?.name ?? "");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(edited?.permissions));
  const [changed, setChanged] = useState(false);
  const save = useSaveRole(edited);
  const change = (next: Iterable<string>) => {
    setChanged(true);
    setChosen(new Set(next));
  };
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    save.mutate({ name: name.trim(), permissions: [...chosen] }, { onSuccess: onClose });
  }
  return (
    <Dialog
      title={edited ? words.editRole(edited.name) : words.addRole}
      busy={save.isPending}
      unsaved={changed}
      onClose={onClose}
      className="sm:w-[44rem]"
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={words.roleName}
            autoFocus
            value={name}
            onChange={(e) => {
              setChanged(true);
              setName(e.target.value);
            }}
            required
            maxLength={64}
            error={save.error instanceof ApiError ? save.error.field("name") : undefined}
          />
          {!edited && (
            <SelectField
              label={words.copyOf}
              defaultValue=""
              onChange={(e) =>
                change((roles.find((r) => r.id === e.target.value)?.permissions ?? []).filter((p) => mine.includes(p)))
              }
            >
              <option value="">{words.nothing}</option>
              {roles.map((r) => (
                <option key={r.id} value={r.id}>
                  {roleName(r)}
                </option>
              ))}
            </SelectField>
          )}
        </div>
        <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
          {groupNames.map((group) => {
            const of: readonly Permission[] = permissionGroups[group];
            return (
              <fieldset key={group}>
                <legend className="flex w-full items-baseline justify-between gap-2 text-[13px] font-medium">
                  <span className="text-soft">{rightsWords.groups[group]}</span>
                  <span className="text-faint tabular text-[12px]">
                    {words.countOf(of.filter((p) => chosen.has(p)).length, of.length)}
                  </span>
                </legend>
                {of.map((permission) => (
                  <Check
                    key={permission}
                    label={rightsWords.permissions[permission]}
                    hint={
                      ofWholeTenant.has(permission) && chosen.has(permission) ? rightsWords.everywhereOnly : undefined
                    }
                    title={permission}
                    checked={chosen.has(permission)}
                    disabled={!mine.includes(permission) && !chosen.has(permission)}
                    onChange={(e) =>
                      change(e.target.checked ? [...chosen, permission] : [...chosen].filter((p) => p !== permission))
                    }
                  />
                ))}
              </fieldset>
            );
          })}
        </div>
        <FormProblem error={save.error} shown={["name"]} />
        <div className="flex justify-end gap-2 pt-2">
          <CancelButton disabled={save.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={save.isPending}>
            {save.isPending ? pageWords.saving : edited ? pageWords.save : words.addRole}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
