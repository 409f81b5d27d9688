import { Mail, Send } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useSetSmtp, useSmtp, useTestSmtp, type SmtpView } from "@/api/integrations";
import { ApiError } from "@/api/problem";
import { cn } from "@/components/cn";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { SelectField, TextField } from "@/components/ui/Field";
import type { PartProps } from "./IntegrationsPage";
import { ServiceCard } from "./ServiceCard";
import { ServiceDialog } from "./ServiceDialog";
import { mailWords } from "./stateWords";
import { words } from "./words";

/** Each way of securing it has a port that servers usually have for it. */
const ports = { tls: 465, starttls: 587, none: 25 };
const isUsualPort = (port: number | undefined) => !port || Object.values(ports).includes(port);

/** The mail server that messages of rules go through. */
export function MailCard({ search, open, close }: PartProps) {
  return (
    <ServiceCard
      icon={Mail}
      title={words.mail}
      lead={words.mailLead}
      query={useSmtp()}
      stateWords={mailWords}
      isLasting={false}
      onSet={() => open("set", "smtp")}
      actions={
        <Button className="max-md:h-11" onClick={() => open("test", "smtp")}>
          <Send /> {words.testMail}
        </Button>
      }
    >
      {(view) => (
        <>
          {search.get("set") === "smtp" && <MailDialog view={view} onClose={close} />}
          {search.get("test") === "smtp" && <TestDialog onClose={close} />}
        </>
      )}
    </ServiceCard>
  );
}

function MailDialog({ view, onClose }: { view: SmtpView; onClose: () => void }) {
  const save = useSetSmtp(view);
  return (
    <ServiceDialog
      title={words.mail}
      begin={view.settings}
      hostExample={words.mailExample}
      hasPassword={view.hasPassword}
      own={["security", "from"]}
      busy={save.isPending}
      error={save.error}
      onSave={(settings, password) => save.mutate({ settings, password }, { onSuccess: onClose })}
      onClose={onClose}
      fields={(settings, set, error) => (
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField
            label={words.security}
            hint={words.securityHint}
            value={settings.security ?? "starttls"}
            onChange={(e) => {
              const security = e.target.value as keyof typeof ports;
              set({ security, ...(isUsualPort(settings.port) ? { port: ports[security] } : {}) });
            }}
            error={error("settings.security")}
          >
            {Object.entries(words.securities).map(([security, name]) => (
              <option key={security} value={security}>
                {name}
              </option>
            ))}
          </SelectField>
          <TextField
            label={words.from}
            inputMode="email"
            placeholder={words.fromExample}
            hint={words.fromHint}
            value={settings.from ?? ""}
            onChange={(e) => set({ from: e.target.value.trim() })}
            error={error("settings.from")}
          />
        </div>
      )}
    />
  );
}

function TestDialog({ onClose }: { onClose: () => void }) {
  const test = useTestSmtp();
  const [to, setTo] = useState("");
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate(to.trim());
  };
  return (
    <Dialog title={words.testMail} description={words.testMailLead} busy={test.isPending} onClose={onClose}>
      <form onSubmit={onSubmit} className="space-y-4" noValidate>
        <TextField
          label={words.to}
          inputMode="email"
          placeholder={words.toExample}
          value={to}
          onChange={(e) => setTo(e.target.value)}
          autoFocus
          error={test.error instanceof ApiError ? test.error.field("to") : undefined}
        />
        {test.data && (
          <div role="status" className="text-[13px]">
            <p className={cn("font-medium", test.data.delivered ? "text-good" : "text-alarm")}>
              {test.data.delivered ? words.mailTaken : words.mailNotTaken}
            </p>
            <p className="text-soft text-pretty break-words">{test.data.error ?? test.data.answer}</p>
          </div>
        )}
        <FormProblem error={test.error} shown={["to"]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={test.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={test.isPending}>
            {test.isPending ? words.testing : words.send}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
