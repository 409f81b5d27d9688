import { useState, type FormEvent } from "react";
import { ApiError } from "@/api/problem";
import { useSaveCameraGroup } from "@/api/sites";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import type { Node } from "./nodes";
import { words } from "./words";

/** A group's name; a new one begins empty, where it was asked for. */
export function GroupDialog({
  id,
  name,
  within,
  onClose,
}: {
  id: string | null;
  name: string;
  within: Node | null;
  onClose: () => void;
}) {
  const [changed, setChanged] = useState(false);
  const save = useSaveCameraGroup(id);
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get("name")).trim();
    save.mutate({ name: typed, ...(id === null ? { parentId: within?.id ?? null } : {}) }, { onSuccess: onClose });
  }
  return (
    <Dialog
      title={id !== null ? words.editGroup(name) : within ? words.addGroupWithin(within.name) : words.addGroup}
      busy={save.isPending}
      unsaved={changed}
      onClose={onClose}
    >
      <form onSubmit={onSubmit} onChange={() => setChanged(true)} className="space-y-4">
        <TextField
          label={words.name}
          name="name"
          defaultValue={name}
          required
          maxLength={64}
          autoFocus
          error={save.error instanceof ApiError ? save.error.field("name") : undefined}
        />
        <FormProblem error={save.error} shown={["name"]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={save.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={save.isPending}>
            {save.isPending ? pageWords.saving : id === null ? words.addGroup : pageWords.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
