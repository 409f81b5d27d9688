import { useId, useState, type FormEvent, type ReactNode } from "react";
import { ApiError } from "@/api/problem";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { Switch } from "@/components/ui/Switch";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** What every service of the operator's has. */
interface ServiceSettings {
  enabled?: boolean;
  host?: string;
  port?: number;
  username?: string | null;
  caCertificate?: string | null;
}

export type FieldError = (field: string) => string | undefined;

const pemBegin = "-----BEGIN CERTIFICATE-----";

const common = ["host", "port", "username", "caCertificate"];

/**
 * A service's settings. A password that is stored is not shown: an empty field leaves it as it is, and goes with its user.
 * @param own What only this service has, by the API's names.
 */
export function ServiceDialog<T extends ServiceSettings>({
  title,
  begin,
  hostExample,
  hasPassword,
  own,
  fields,
  busy,
  error,
  onSave,
  onClose,
}: {
  title: string;
  begin: T;
  hostExample: string;
  hasPassword: boolean;
  own: readonly (keyof T & string)[];
  /** Its inputs. */
  fields: (settings: T, set: (part: Partial<T>) => void, error: FieldError) => ReactNode;
  busy: boolean;
  error: Error | null;
  onSave: (settings: T, password: string | null) => void;
  onClose: () => void;
}) {
  const [settings, setSettings] = useState(begin);
  const [password, setPassword] = useState("");
  const set = (part: Partial<T>) => setSettings({ ...settings, ...part });
  const field: FieldError = (name) => (error instanceof ApiError ? error.field(name) : undefined);
  const username = settings.username ?? "";

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    onSave(
      { ...settings, enabled: settings.enabled ?? false },
      password || (username === "" && hasPassword ? "" : null),
    );
  }

  return (
    <Dialog
      title={title}
      busy={busy}
      unsaved={settings !== begin || password !== ""}
      onClose={onClose}
      className="sm:w-[38rem]"
    >
      <form onSubmit={onSubmit} className="space-y-4" noValidate>
        <Switch
          label={words.switchedOn}
          shown
          checked={settings.enabled ?? false}
          onChange={(e) => set({ enabled: e.target.checked } as Partial<T>)}
        />
        <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_7rem]">
          <TextField
            label={words.host}
            placeholder={hostExample}
            value={settings.host ?? ""}
            autoComplete="off"
            onChange={(e) => set({ host: e.target.value.trim() } as Partial<T>)}
            error={field("settings.host")}
          />
          <TextField
            label={words.port}
            type="number"
            min={1}
            max={65_535}
            value={settings.port || ""}
            onChange={(e) => set({ port: Number(e.target.value) } as Partial<T>)}
            error={field("settings.port")}
          />
        </div>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={words.username}
            value={username}
            autoComplete="off"
            onChange={(e) => set({ username: e.target.value || null } as Partial<T>)}
            error={field("settings.username")}
          />
          <TextField
            label={words.password}
            type="password"
            autoComplete="new-password"
            placeholder={hasPassword ? words.passwordKept : ""}
            hint={hasPassword ? words.passwordKeptHint : undefined}
            value={password}
            onChange={(e) => setPassword(e.target.value)}
            error={field("password")}
          />
        </div>
        {fields(settings, set, field)}
        <Certificate
          pem={settings.caCertificate ?? ""}
          onChange={(pem) => set({ caCertificate: pem || null } as Partial<T>)}
          error={field("settings.caCertificate")}
        />
        <FormProblem error={error} shown={["password", ...[...common, ...own].map((name) => `settings.${name}`)]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={busy} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={busy}>
            {busy ? pageWords.saving : pageWords.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Only installations with an authority of their own need it. */
function Certificate({
  pem,
  onChange,
  error,
}: {
  pem: string;
  onChange: (pem: string) => void;
  error: string | undefined;
}) {
  const id = useId();
  return (
    <details open={pem !== "" || error !== undefined}>
      <summary className="text-soft hover:text-text cursor-pointer py-1 text-[13px] max-md:py-3">
        {words.ownAuthority}
      </summary>
      <label htmlFor={id} className="text-faint mt-1 block text-[13px]">
        {words.ownAuthorityHint}
      </label>
      <textarea
        id={id}
        rows={4}
        spellCheck={false}
        placeholder={pemBegin}
        value={pem}
        onChange={(e) => onChange(e.target.value)}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-note` : undefined}
        className="bg-ground placeholder:text-faint hover:border-faint aria-invalid:border-alarm mt-1 w-full rounded-md border px-3 py-2 font-mono text-[12px]"
      />
      {error && (
        <p id={`${id}-note`} role="alert" className="text-alarm text-[13px]">
          {error}
        </p>
      )}
    </details>
  );
}
