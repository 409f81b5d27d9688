import { useState, type FormEvent } from "react";
import { ApiError } from "@/api/problem";
import type { GrantView } from "@/api/roles";
import { useSaveUserGroup, type UserGroupView } from "@/api/userGroups";
import { useUsers } from "@/api/users";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { GrantsEditor } from "@/rights/GrantsEditor";
import { words } from "./words";

/** A group of people: its name, what it may, and who is in it. */
export function UserGroupDialog({ group, onClose }: { group: UserGroupView | null; onClose: () => void }) {
  const [name, setName] = useState(group?.name ?? "");
  const [grants, setGrants] = useState<GrantView[]>(
    group?.grants ?? [{ roleId: "viewer", scope: "tenant", scopeId: null }],
  );
  const [memberIds, setMemberIds] = useState(group?.memberIds ?? []);
  const [changed, setChanged] = useState(false);
  const users = useUsers();
  const save = useSaveUserGroup(group);
  const field = (f: string) => (save.error instanceof ApiError ? save.error.field(f) : undefined);
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    save.mutate({ name: name.trim(), grants, memberIds }, { onSuccess: onClose });
  }
  return (
    <Dialog
      title={group ? words.editGroup(group.name) : words.addGroup}
      busy={save.isPending}
      unsaved={changed}
      onClose={onClose}
      className="sm:w-[38rem]"
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={words.groupName}
          autoFocus
          value={name}
          onChange={(e) => {
            setChanged(true);
            setName(e.target.value);
          }}
          required
          maxLength={64}
          error={field("name")}
        />
        <GrantsEditor
          grants={grants}
          onChange={(g) => {
            setChanged(true);
            setGrants(g);
          }}
          error={field}
        />
        <fieldset>
          <legend className="text-soft text-[13px] font-medium">{words.members}</legend>
          <div className="grid max-h-56 gap-x-4 overflow-y-auto sm:grid-cols-2">
            {(users.data ?? []).map((user) => (
              <Check
                key={user.id}
                label={user.displayName ? `${user.displayName} (${user.username})` : user.username}
                checked={memberIds.includes(user.id)}
                onChange={(e) => {
                  setChanged(true);
                  setMemberIds(e.target.checked ? [...memberIds, user.id] : memberIds.filter((id) => id !== user.id));
                }}
              />
            ))}
          </div>
        </fieldset>
        <FormProblem error={save.error} shown={["name", "grants"]} />
        <div className="flex justify-end gap-2 pt-2">
          <CancelButton disabled={save.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={save.isPending}>
            {save.isPending ? pageWords.saving : group ? pageWords.save : words.addGroup}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
