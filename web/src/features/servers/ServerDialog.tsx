import { ShieldAlert } from "lucide-react";
import { useState, type FormEvent } from "react";
import { ApiError } from "@/api/problem";
import { useAddServer, usePatchServer, type ServerView } from "@/api/servers";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { fingerprintLines, shownCertificate } from "./fingerprint";
import { words } from "./words";

/** Another server's address and key; a certificate that nobody vouches for is shown, compared, and then counts alone. */
export function ServerDialog({ server, onClose }: { server: ServerView | null; onClose: () => void }) {
  const [name, setName] = useState(server?.name ?? "");
  const [address, setAddress] = useState(server?.address ?? "https://");
  const [apiKey, setApiKey] = useState("");
  const [changed, setChanged] = useState(false);
  const [compared, setCompared] = useState(false);
  const add = useAddServer();
  const patch = usePatchServer(server);
  const { error, isPending: busy } = server ? patch : add;
  const shown = shownCertificate(error);
  const field = (f: string) => (error instanceof ApiError ? error.field(f) : undefined);
  const edit = (set: (value: string) => void) => (event: React.ChangeEvent<HTMLInputElement>) => {
    setChanged(true);
    set(event.target.value);
  };

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const certificate = shown && compared ? { certificateSha256: shown } : {};
    const done = { onSuccess: onClose, onError: () => setCompared(false) };
    const common = { name: name.trim(), address: address.trim(), ...certificate };
    if (server) patch.mutate({ ...common, ...(apiKey ? { apiKey } : {}) }, done);
    else add.mutate({ ...common, apiKey }, done);
  }

  return (
    <Dialog
      title={server ? words.editTitle(server.name) : words.addTitle}
      busy={busy}
      unsaved={changed}
      onClose={onClose}
      className="sm:w-[34rem]"
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <TextField
          label={words.name}
          placeholder={words.namePlaceholder}
          value={name}
          onChange={edit(setName)}
          required
          maxLength={64}
          autoFocus
          error={field("name")}
        />
        <TextField
          label={words.address}
          inputMode="url"
          placeholder={words.addressPlaceholder}
          value={address}
          onChange={edit(setAddress)}
          required
          hint={words.addressHint}
          error={field("address")}
        />
        <TextField
          label={words.apiKey}
          type="password"
          autoComplete="off"
          placeholder={server ? words.apiKeyKept : words.apiKeyPlaceholder}
          value={apiKey}
          onChange={edit(setApiKey)}
          required={!server}
          hint={words.apiKeyHint}
          error={field("apiKey")}
        />
        {shown && (
          <section aria-live="polite" className="border-warn bg-warn/10 space-y-2 rounded-md border p-3 text-[13px]">
            <h3 className="flex items-center gap-2 font-medium">
              <ShieldAlert className="text-warn size-4" aria-hidden /> {words.unknownCertificate}
            </h3>
            <p className="text-pretty">{words.unknownCertificateDetail}</p>
            <code
              data-testid="fingerprint"
              className="bg-ground block overflow-x-auto rounded border p-2 text-[12px] leading-relaxed whitespace-pre"
            >
              {fingerprintLines(shown).join("\n")}
            </code>
            <p className="text-soft">
              {words.howToCompare} <code className="text-text break-words">{words.compareCommand}</code>
            </p>
            <Check label={words.compared} checked={compared} onChange={(e) => setCompared(e.target.checked)} />
          </section>
        )}
        <FormProblem error={error} shown={["name", "address", "apiKey", ...(shown ? ["certificateSha256"] : [])]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={busy} />
          <Button
            type="submit"
            variant="primary"
            className="max-md:h-11"
            disabled={busy || (shown !== null && !compared)}
          >
            {busy
              ? pageWords.saving
              : shown
                ? server
                  ? words.pinAndSave
                  : words.pinAndAdd
                : server
                  ? pageWords.save
                  : words.add}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
