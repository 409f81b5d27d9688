import { useState, type FormEvent } from "react";
import { toast } from "sonner";
import { ApiError } from "@/api/problem";
import { useSetUserPassword, type UserView } from "@/api/users";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { words as pageWords } from "@/components/words";
import { PasswordField } from "./PasswordField";
import { words } from "./words";

/** A new password for somebody who has forgotten theirs. */
export function SetPasswordDialog({ user, onClose }: { user: UserView; onClose: () => void }) {
  const [password, setPassword] = useState("");
  const set = useSetUserPassword();
  function onSubmit(event: FormEvent) {
    event.preventDefault();
    set.mutate(
      { id: user.id, password },
      {
        onSuccess: () => {
          toast(words.passwordSet(user.username));
          onClose();
        },
      },
    );
  }
  return (
    <Dialog
      title={words.setPasswordFor(user.username)}
      description={words.setPasswordDetail}
      busy={set.isPending}
      unsaved={password !== ""}
      onClose={onClose}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <PasswordField
          value={password}
          onChange={setPassword}
          error={set.error instanceof ApiError ? set.error.field("password") : undefined}
        />
        <FormProblem error={set.error} shown={["password"]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={set.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={set.isPending}>
            {set.isPending ? pageWords.saving : words.setPassword}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
