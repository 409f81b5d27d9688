import { MoreHorizontal, type LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { cn } from "../cn";

export interface RowAction {
  label: string;
  icon: LucideIcon;
  danger?: boolean;
  onSelect: () => void;
}

/** What can be done with one line of a list, behind three dots. */
export function RowMenu({
  label,
  actions,
  open,
  onOpenChange,
}: {
  label: string;
  actions: readonly RowAction[];
  /** Where a key of the line opens it; else it opens itself, and is one stop of the Tab key. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}) {
  if (actions.length === 0) return null;
  return (
    <DropdownMenu.Root {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      <DropdownMenu.Trigger
        aria-label={label}
        tabIndex={open === undefined ? undefined : -1}
        className="text-soft hover:bg-raised hover:text-text grid size-9 shrink-0 place-items-center rounded-md max-md:size-11"
      >
        <MoreHorizontal className="size-4" aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="bg-raised z-50 min-w-48 rounded-lg border p-1 shadow-2xl"
        >
          {actions.map(({ label: text, icon: Icon, danger, onSelect }) => (
            <DropdownMenu.Item
              key={text}
              onSelect={onSelect}
              className={cn(
                "data-highlighted:bg-line flex h-9 cursor-pointer items-center gap-2 rounded-md px-3 outline-none max-md:h-11",
                danger && "text-alarm",
              )}
            >
              <Icon className="size-4" aria-hidden />
              {text}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
