import { ChevronDown, X } from "lucide-react";
import { Popover } from "radix-ui";
import { useState, type ReactNode } from "react";
import { cn } from "@/components/cn";
import { words } from "./words";

/** One thing to look for: what it is, or what of it is chosen. Its choices open below. */
export function FilterChip({
  label,
  chosen,
  wide = false,
  onClear,
  children,
}: {
  label: string;
  /** In words; null: of no matter. */
  chosen: string | null;
  wide?: boolean;
  onClear: () => void;
  /** Called with what closes it. */
  children: (close: () => void) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  return (
    <div
      className={cn(
        "bg-panel flex shrink-0 items-stretch rounded-full border text-[13px]",
        chosen !== null && "border-accent text-accent",
      )}
    >
      <Popover.Root open={open} onOpenChange={setOpen}>
        <Popover.Trigger
          className={cn(
            "hover:bg-raised flex h-8 max-w-56 items-center gap-1.5 rounded-full px-3 max-md:h-11",
            chosen !== null && "pr-1",
          )}
          aria-label={chosen === null ? label : words.chosen(label, chosen)}
        >
          <span className="truncate">{chosen ?? label}</span>
          {chosen === null && <ChevronDown className="text-faint size-3.5 shrink-0" aria-hidden />}
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            role="dialog"
            aria-label={label}
            align="start"
            sideOffset={6}
            collisionPadding={8}
            className={cn(
              "bg-panel z-50 flex max-h-[min(26rem,var(--radix-popover-content-available-height))] flex-col overflow-y-auto rounded-lg border p-3 shadow-2xl",
              wide ? "w-80" : "w-64",
            )}
          >
            {children(() => setOpen(false))}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {chosen !== null && (
        <button
          type="button"
          aria-label={words.clearChip(label)}
          title={words.clearChip(label)}
          onClick={onClear}
          className="hover:bg-raised grid w-8 place-items-center rounded-full max-md:w-11"
        >
          <X className="size-3.5" aria-hidden />
        </button>
      )}
    </div>
  );
}
