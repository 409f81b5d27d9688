import type { ReactNode } from "react";
import { FormProblem } from "./FormProblem";
import { Button } from "./ui/Button";
import { CancelButton, Dialog } from "./ui/Dialog";

/** Asks before something that cannot be undone: says what is lost, and names the act. */
export function ConfirmDialog({
  title,
  description,
  action,
  error,
  busy,
  disabled = false,
  onConfirm,
  onClose,
}: {
  title: string;
  description: ReactNode;
  action: string;
  error: Error | null;
  busy: boolean;
  /** It is not possible now; the description says why. */
  disabled?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} description={description} busy={busy} onClose={onClose}>
      <FormProblem error={error} />
      <div className="mt-4 flex justify-end gap-2">
        <CancelButton disabled={busy} />
        <Button variant="danger" className="max-md:h-11" disabled={busy || disabled} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
