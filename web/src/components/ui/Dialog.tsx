import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import { useState, type ReactNode } from "react";
import { cn } from "../cn";
import { words } from "../words";
import { Button } from "./Button";
import { useOpener } from "./useOpener";

/** A window over the page; on a phone it fills the width from below. Escape and a click outside close it. */
export function Dialog({
  title,
  description,
  className,
  busy = false,
  unsaved = false,
  onClose,
  children,
}: {
  title: string;
  description?: ReactNode;
  className?: string;
  /** An answer is awaited that has to be seen: nothing closes it meanwhile. */
  busy?: boolean;
  /** Something was typed: it is not lost without a question. */
  unsaved?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const giveFocusBack = useOpener();
  const [asking, setAsking] = useState(false);
  const tryClose = () => {
    if (unsaved) setAsking(!asking);
    else onClose();
  };

  return (
    <Primitive.Root open onOpenChange={(open) => !open && !busy && tryClose()}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-black/60" />
        <Primitive.Content
          onCloseAutoFocus={giveFocusBack}
          className={cn(
            "bg-panel fixed inset-x-0 bottom-0 z-50 max-h-[92dvh] overflow-y-auto rounded-t-xl border p-5 shadow-2xl sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:w-[28rem] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-xl",
            className,
          )}
        >
          <div className="mb-4 flex items-start justify-between gap-4">
            <div>
              <Primitive.Title className="text-base font-semibold">{title}</Primitive.Title>
              <Primitive.Description className={description ? "text-soft mt-1" : "sr-only"}>
                {description ?? title}
              </Primitive.Description>
            </div>
            <Primitive.Close
              aria-label={words.close}
              disabled={busy}
              className="text-soft hover:bg-raised hover:text-text -m-1.5 rounded-md p-1.5 disabled:opacity-50"
            >
              <X className="size-4" />
            </Primitive.Close>
          </div>
          {children}
          {asking && <Discard onKeep={() => setAsking(false)} onDiscard={onClose} />}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** Closes the dialog around it as Escape does. */
export function CancelButton({ disabled, className }: { disabled?: boolean; className?: string }) {
  return (
    <Primitive.Close asChild>
      <Button variant="ghost" className={cn("max-md:h-11", className)} disabled={disabled}>
        {words.cancel}
      </Button>
    </Primitive.Close>
  );
}

function Discard({ onKeep, onDiscard }: { onKeep: () => void; onDiscard: () => void }) {
  return (
    <div
      role="alertdialog"
      aria-label={words.discardWhat}
      className="bg-panel sticky -bottom-5 -mx-5 mt-4 -mb-5 flex flex-wrap items-center justify-end gap-2 border-t px-5 py-3"
    >
      <p className="mr-auto max-md:basis-full">{words.closeWithoutSaving}</p>
      <Button variant="ghost" className="max-md:h-11" autoFocus onClick={onKeep}>
        {words.keepEditing}
      </Button>
      <Button variant="danger" className="max-md:h-11" onClick={onDiscard}>
        {words.discard}
      </Button>
    </div>
  );
}
