import { useState, type FormEvent } from "react";
import { useAddApiKey, type AddApiKeyResponse } from "@/api/apiKeys";
import { ApiError } from "@/api/problem";
import type { GrantView } from "@/api/roles";
import { FormProblem } from "@/components/FormProblem";
import { toLocalInput } from "@/components/time";
import { useNow } from "@/components/useNow";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { SelectField, TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { CopyButton } from "@/components/CopyButton";
import { GrantsEditor } from "@/rights/GrantsEditor";
import { endOf, lifetimes, type Lifetime } from "./lifetime";
import { words } from "./words";

/** A key for a program, and then the key itself, once. */
export function AddKeyDialog({ onClose }: { onClose: () => void }) {
  const add = useAddApiKey();
  const now = useNow();
  const [name, setName] = useState("");
  const [grants, setGrants] = useState<GrantView[]>([{ roleId: "viewer", scope: "tenant", scopeId: null }]);
  const [lifetime, setLifetime] = useState<Lifetime>("365");
  const [day, setDay] = useState("");
  const [changed, setChanged] = useState(false);
  const field = (f: string) => (add.error instanceof ApiError ? add.error.field(f) : undefined);
  if (add.data) return <ShownOnce made={add.data} onClose={onClose} />;

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    add.mutate({ name: name.trim(), grants, expiresAt: endOf(lifetime, day, Date.now()) });
  }

  return (
    <Dialog title={words.add} busy={add.isPending} unsaved={changed} onClose={onClose} className="sm:w-[38rem]">
      <form onSubmit={onSubmit} onChange={() => setChanged(true)} className="space-y-4">
        <TextField
          label={words.name}
          autoFocus
          placeholder={words.namePlaceholder}
          value={name}
          onChange={(e) => setName(e.target.value)}
          autoComplete="off"
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
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label={words.expires}
            value={lifetime}
            onChange={(e) => setLifetime(e.target.value as Lifetime)}
            hint={lifetime === "never" ? words.neverHint : undefined}
            error={field("expiresAt")}
          >
            {lifetimes.map((choice) => (
              <option key={choice} value={choice}>
                {words.lifetimes[choice]}
              </option>
            ))}
          </SelectField>
          {lifetime === "date" && (
            <TextField
              label={words.until}
              type="date"
              required
              min={toLocalInput(now).slice(0, 10)}
              value={day}
              onChange={(e) => setDay(e.target.value)}
            />
          )}
        </div>
        <FormProblem error={add.error} shown={["name", "expiresAt"]} />
        <div className="flex justify-end gap-2 pt-2">
          <CancelButton disabled={add.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={add.isPending}>
            {add.isPending ? pageWords.saving : words.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function ShownOnce({ made, onClose }: { made: AddApiKeyResponse; onClose: () => void }) {
  return (
    <Dialog title={words.shownTitle(made.apiKey.name)} description={words.shownDetail} unsaved onClose={onClose}>
      <div className="space-y-3">
        <div className="bg-ground flex items-center gap-3 rounded-md border p-3">
          <code data-testid="api-key" className="min-w-0 flex-1 break-all">
            {made.key}
          </code>
          <CopyButton text={made.key} />
        </div>
        <p className="text-soft text-[13px]">
          {words.howToUse} <code className="text-text">{words.header(made.apiKey.prefix)}</code>
        </p>
        <div className="flex justify-end">
          <Button variant="primary" className="max-md:h-11" onClick={onClose}>
            {words.done}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
