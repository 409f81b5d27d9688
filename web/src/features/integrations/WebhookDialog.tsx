import { useState, type FormEvent } from "react";
import { ApiError } from "@/api/problem";
import { useAddWebhook, usePatchWebhook, type WebhookView, type WebhookWithSecret } from "@/api/webhooks";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

interface DialogProps {
  onMade: (made: WebhookWithSecret) => void;
  onClose: () => void;
}

/** A webhook's name and address; a new one answers with its secret. */
export function WebhookDialog({ webhook, ...props }: DialogProps & { webhook: WebhookView | null }) {
  return webhook ? <Edit webhook={webhook} onClose={props.onClose} /> : <Add {...props} />;
}

function Add({ onMade, onClose }: DialogProps) {
  const add = useAddWebhook();
  return (
    <Form
      title={words.addWebhook}
      act={words.addWebhook}
      begin={{ name: "", url: "https://" }}
      busy={add.isPending}
      error={add.error}
      onSend={(fields) => add.mutate({ ...fields, enabled: true }, { onSuccess: onMade })}
      onClose={onClose}
    />
  );
}

function Edit({ webhook, onClose }: { webhook: WebhookView; onClose: () => void }) {
  const patch = usePatchWebhook(webhook);
  return (
    <Form
      title={webhook.name}
      act={pageWords.save}
      begin={webhook}
      busy={patch.isPending}
      error={patch.error}
      onSend={(fields) => patch.mutate(fields, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}

function Form({
  title,
  act,
  begin,
  busy,
  error,
  onSend,
  onClose,
}: {
  title: string;
  act: string;
  begin: { name: string; url: string };
  busy: boolean;
  error: Error | null;
  onSend: (fields: { name: string; url: string }) => void;
  onClose: () => void;
}) {
  const [name, setName] = useState(begin.name);
  const [url, setUrl] = useState(begin.url);
  const field = (f: string) => (error instanceof ApiError ? error.field(f) : undefined);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    onSend({ name: name.trim(), url: url.trim() });
  };
  return (
    <Dialog title={title} busy={busy} unsaved={name !== begin.name || url !== begin.url} onClose={onClose}>
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={words.name}
          placeholder={words.webhookNameExample}
          value={name}
          onChange={(e) => setName(e.target.value)}
          required
          maxLength={64}
          autoComplete="off"
          autoFocus
          error={field("name")}
        />
        <TextField
          label={words.url}
          inputMode="url"
          value={url}
          onChange={(e) => setUrl(e.target.value)}
          required
          autoComplete="off"
          hint={words.urlHint}
          error={field("url")}
        />
        <FormProblem error={error} shown={["name", "url"]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={busy} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={busy}>
            {busy ? pageWords.saving : act}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
