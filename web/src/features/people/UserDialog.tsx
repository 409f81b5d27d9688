import { useState, type FormEvent } from "react";
import { ApiError } from "@/api/problem";
import type { GrantView } from "@/api/roles";
import { useUserGroups } from "@/api/userGroups";
import { useAddUser, usePatchUser, type UserView } from "@/api/users";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { GrantsEditor } from "@/rights/GrantsEditor";
import { PasswordField } from "./PasswordField";
import { words } from "./words";

const shown = ["username", "password", "displayName", "grants"];

/** A new account, or what of one can be changed. */
export function UserDialog({ user, onClose }: { user: UserView | null; onClose: () => void }) {
  const [changed, setChanged] = useState(false);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [displayName, setDisplayName] = useState(user?.displayName ?? "");
  const [grants, setGrants] = useState<GrantView[]>(
    user?.grants ?? [{ roleId: "viewer", scope: "tenant", scopeId: null }],
  );
  const [groupIds, setGroupIds] = useState(user?.groups.map((g) => g.id) ?? []);
  const [version] = useState(user?.version);
  const groups = useUserGroups();
  const add = useAddUser();
  const patch = usePatchUser();
  const { error, isPending: busy } = user ? patch : add;
  const field = (name: string) => (error instanceof ApiError ? error.field(name) : undefined);
  const edit =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      setChanged(true);
      set(value);
    };

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const common = { displayName: displayName.trim(), grants, groupIds };
    const done = { onSuccess: onClose };
    if (user) patch.mutate({ id: user.id, version, ...common }, done);
    else add.mutate({ username: username.trim(), password, ...common }, done);
  }

  return (
    <Dialog
      title={user ? words.editUser(user.username) : words.addUser}
      busy={busy}
      unsaved={changed}
      onClose={onClose}
      className="sm:w-[38rem]"
    >
      <form onSubmit={onSubmit} className="space-y-4">
        {!user && (
          <>
            <TextField
              label={words.userName}
              autoFocus
              value={username}
              onChange={(e) => edit(setUsername)(e.target.value)}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              required
              maxLength={64}
              hint={words.userNameHint}
              error={field("username")}
            />
            <PasswordField value={password} onChange={edit(setPassword)} error={field("password")} />
          </>
        )}
        <TextField
          label={words.fullName}
          value={displayName}
          onChange={(e) => edit(setDisplayName)(e.target.value)}
          autoComplete="off"
          maxLength={64}
          hint={words.fullNameHint}
          error={field("displayName")}
        />
        <GrantsEditor grants={grants} onChange={edit(setGrants)} error={field} />
        {groups.data && groups.data.length > 0 && (
          <fieldset>
            <legend className="text-soft text-[13px] font-medium">{words.memberOf}</legend>
            <p className="text-faint mb-1 text-[13px]">{words.memberOfHint}</p>
            <div className="grid gap-x-4 sm:grid-cols-2">
              {groups.data.map((group) => (
                <Check
                  key={group.id}
                  label={group.name}
                  checked={groupIds.includes(group.id)}
                  onChange={(e) =>
                    edit(setGroupIds)(
                      e.target.checked ? [...groupIds, group.id] : groupIds.filter((id) => id !== group.id),
                    )
                  }
                />
              ))}
            </div>
          </fieldset>
        )}
        <FormProblem error={error} shown={shown} />
        <div className="flex justify-end gap-2 pt-2">
          <CancelButton disabled={busy} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={busy}>
            {busy ? pageWords.saving : user ? pageWords.save : words.addUser}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
