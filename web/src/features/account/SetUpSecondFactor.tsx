import { Download } from "lucide-react";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useConfirmTotp, useEnrolTotp, useTotpChanged, type EnrolTotpResponse } from "@/api/account";
import { ApiError } from "@/api/problem";
import { CopyButton } from "@/components/CopyButton";
import { FormProblem } from "@/components/FormProblem";
import { saveText } from "@/components/saveText";
import { Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import { QrCode } from "./QrCode";
import { words } from "./words";

/** Scan, type a code, keep the recovery codes: in this order, in one window. */
export function SetUpSecondFactor({ onClose }: { onClose: () => void }) {
  const { mutate: enrol, data: secret, error } = useEnrolTotp();
  const [codes, setCodes] = useState<string[] | null>(null);
  const changed = useTotpChanged();
  const confirm = useConfirmTotp();
  const asked = useRef(false);
  useEffect(() => {
    // Each asking makes another secret; a window that is made twice must not ask twice.
    if (asked.current) return;
    asked.current = true;
    enrol();
  }, [enrol]);
  const close = () => {
    changed();
    onClose();
  };
  if (codes)
    return (
      <Dialog title={words.recoveryTitle} description={words.recoveryDetail} onClose={close} unsaved>
        <RecoveryCodes codes={codes} onKept={close} />
      </Dialog>
    );
  return (
    <Dialog title={words.setUpTitle} busy={confirm.isPending} onClose={close}>
      <FormProblem error={error} />
      {secret ? (
        <Confirm secret={secret} confirm={confirm} onCodes={setCodes} />
      ) : (
        !error && <Skeleton className="h-80" />
      )}
    </Dialog>
  );
}

function Confirm({
  secret,
  confirm,
  onCodes,
}: {
  secret: EnrolTotpResponse;
  confirm: ReturnType<typeof useConfirmTotp>;
  onCodes: (codes: string[]) => void;
}) {
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code")).replaceAll(" ", "");
    confirm.mutate(code, { onSuccess: (answer) => onCodes(answer.recoveryCodes) });
  }
  return (
    <form onSubmit={onSubmit} className="space-y-4">
      <p className="text-soft text-[13px]">{words.scan}</p>
      <div className="flex justify-center">
        <QrCode text={secret.uri} label={words.qrLabel} />
      </div>
      <div className="text-[13px]">
        <p className="text-soft mb-1">{words.orType}</p>
        <div className="flex items-center justify-between gap-3">
          <code className="bg-ground tabular min-w-0 rounded border px-2 py-1.5 break-all">
            {secret.secret.match(/.{1,4}/g)?.join(" ")}
          </code>
          <CopyButton text={secret.secret} />
        </div>
      </div>
      <TextField
        label={words.code}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9 ]{6,7}"
        required
        autoFocus
        hint={words.codeHint}
        error={confirm.error instanceof ApiError ? confirm.error.field("code") : undefined}
      />
      <FormProblem error={confirm.error} shown={["code"]} />
      <div className="flex justify-end gap-2">
        <CancelButton disabled={confirm.isPending} />
        <Button type="submit" variant="primary" className="max-md:h-11" disabled={confirm.isPending}>
          {confirm.isPending ? pageWords.saving : words.confirm}
        </Button>
      </div>
    </form>
  );
}

function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const text = codes.join("\n");
  return (
    <div className="space-y-4">
      <ol
        aria-label={words.recoveryCodes}
        className="bg-ground grid gap-x-6 gap-y-1 rounded-md border p-3 sm:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code}>
            <code className="text-[13px]">{code}</code>
          </li>
        ))}
      </ol>
      <div className="flex flex-wrap justify-end gap-2">
        <CopyButton text={text} />
        <Button
          size="sm"
          className="max-md:h-11"
          onClick={() => saveText("vms-recovery-codes.txt", `${words.recoveryFile}\n\n${text}\n`)}
        >
          <Download /> {words.download}
        </Button>
        <Button size="sm" variant="primary" className="max-md:h-11" onClick={onKept}>
          {words.kept}
        </Button>
      </div>
    </div>
  );
}
