import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "../cn";
import { words } from "../words";
import { useOpener } from "./useOpener";

/** Beside the page, over its right edge; on a phone from below. For what is looked at while the list stays in mind. */
export function Drawer({
  title,
  description,
  tools,
  className,
  bare = false,
  onClose,
  children,
}: {
  title: string;
  description?: ReactNode;
  /** Beside the button that closes it. */
  tools?: ReactNode;
  className?: string;
  /** What is in it has its own margins. */
  bare?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const giveFocusBack = useOpener();
  return (
    <Primitive.Root open onOpenChange={(open) => !open && onClose()}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Primitive.Content
          onCloseAutoFocus={giveFocusBack}
          className={cn(
            "bg-panel fixed inset-x-0 bottom-0 z-50 flex max-h-[85dvh] flex-col rounded-t-xl border shadow-2xl sm:inset-x-auto sm:top-0 sm:right-0 sm:max-h-none sm:w-[26rem] sm:rounded-none sm:border-y-0 sm:border-r-0",
            className,
          )}
        >
          <div className="flex items-start justify-between gap-4 border-b p-5 pb-4">
            <div className="min-w-0 flex-1">
              <Primitive.Title className="text-base font-semibold break-words">{title}</Primitive.Title>
              <Primitive.Description className={description ? "text-soft mt-0.5 text-[13px]" : "sr-only"}>
                {description ?? title}
              </Primitive.Description>
            </div>
            {tools}
            <Primitive.Close
              aria-label={words.close}
              className="text-soft hover:bg-raised hover:text-text -m-1.5 grid size-8 shrink-0 place-items-center rounded-md max-md:size-11"
            >
              <X className="size-4" aria-hidden />
            </Primitive.Close>
          </div>
          <div className={cn("min-h-0 flex-1 overflow-y-auto", !bare && "p-5")}>{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
