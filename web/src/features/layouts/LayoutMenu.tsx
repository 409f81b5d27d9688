import { Check, LayoutDashboard, Pencil, Plus, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { toast } from "sonner";
import { useDeleteLayout, useSaveLayout, type LayoutView } from "@/api/layouts";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { arrangementOf, requestOf } from "./arrangement";
import { words } from "./words";

/** The first five have a key of their own: 5 to 9. */
export const firstKey = 5;
export const lastKey = 9;

const item =
  "data-highlighted:bg-line flex h-9 cursor-pointer items-center gap-2 rounded-md px-3 outline-none max-md:h-11 [&_svg]:size-4 [&_svg]:shrink-0";

/** The saved layouts by their names, and what can be done with the one that is shown. */
export function LayoutMenu({
  layouts,
  shown,
  open,
  onOpenChange,
  onChoose,
  onEdit,
}: {
  layouts: readonly LayoutView[];
  shown: LayoutView | undefined;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Null: all cameras again. */
  onChoose: (id: string | null) => void;
  onEdit: (id: string | "new") => void;
}) {
  const groups = [
    { title: words.yours, of: layouts.filter((l) => !l.shared) },
    { title: words.shared, of: layouts.filter((l) => l.shared) },
  ].filter((g) => g.of.length > 0);
  const { remove, confirmation } = useDelete(() => onChoose(null));
  return (
    <>
      {confirmation}
      <DropdownMenu.Root open={open} onOpenChange={onOpenChange}>
        <DropdownMenu.Trigger asChild>
          <Button variant="ghost" size="sm" className="max-w-48 max-md:h-11" title={words.choose}>
            <LayoutDashboard aria-hidden />
            <span className="truncate">{shown?.name ?? words.layouts}</span>
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="center"
            sideOffset={6}
            className="bg-raised z-50 max-h-[70dvh] w-72 max-w-[92vw] overflow-y-auto rounded-lg border p-1 shadow-2xl"
          >
            {groups.length === 0 && <p className="text-soft px-3 py-2 text-[13px]">{words.none}</p>}
            {groups.map(({ title, of }) => (
              <DropdownMenu.Group key={title}>
                <DropdownMenu.Label className="text-faint px-3 pt-2 pb-1 text-[12px]">{title}</DropdownMenu.Label>
                {of.map((layout) => {
                  const key = layouts.indexOf(layout) + firstKey;
                  return (
                    <DropdownMenu.Item key={layout.id} className={item} onSelect={() => onChoose(layout.id)}>
                      <Check className={layout.id === shown?.id ? "text-accent" : "opacity-0"} aria-hidden />
                      <span className="min-w-0 flex-1 truncate" title={words.byName(layout.name, layout.owner)}>
                        {layout.name}
                      </span>
                      {key <= lastKey && (
                        <kbd className="text-faint tabular font-sans text-[12px] max-md:hidden">{key}</kbd>
                      )}
                    </DropdownMenu.Item>
                  );
                })}
              </DropdownMenu.Group>
            ))}
            <DropdownMenu.Separator className="bg-line my-1 h-px" />
            {shown?.editable && (
              <>
                <DropdownMenu.Item className={item} onSelect={() => onEdit(shown.id)}>
                  <Pencil aria-hidden /> <span className="truncate">{words.edit(shown.name)}</span>
                </DropdownMenu.Item>
                <DropdownMenu.Item className={`${item} text-alarm`} onSelect={() => remove(shown)}>
                  <Trash2 aria-hidden /> <span className="truncate">{words.delete(shown.name)}</span>
                </DropdownMenu.Item>
              </>
            )}
            <DropdownMenu.Item className={item} onSelect={() => onEdit("new")}>
              <Plus aria-hidden /> {words.saveThis}
            </DropdownMenu.Item>
            {shown && (
              <DropdownMenu.Item className={item} onSelect={() => onChoose(null)}>
                <LayoutDashboard aria-hidden /> {words.allCameras}
              </DropdownMenu.Item>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </>
  );
}

/** Deletes at once, and makes it again on undo. One with cameras that this account does not see could not be made again: it asks first. */
function useDelete(onGone: () => void) {
  const remove = useDeleteLayout();
  const again = useSaveLayout(null);
  const [asked, setAsked] = useState<LayoutView | null>(null);

  const confirmation = asked && (
    <ConfirmDialog
      title={words.deleteHidden(asked.name)}
      description={words.deleteHiddenDetail}
      action={words.delete(asked.name)}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() =>
        remove.mutate(asked, {
          onSuccess: () => {
            setAsked(null);
            onGone();
            toast(words.deleted(asked.name));
          },
        })
      }
      onClose={() => setAsked(null)}
    />
  );

  const removeNow = (layout: LayoutView) =>
    remove.mutate(layout, {
      onSuccess: () => {
        onGone();
        const { name, shared } = layout;
        toast(words.deleted(name), {
          action: {
            label: pageWords.undo,
            onClick: () =>
              again.mutate(
                { name, shared, ...requestOf(arrangementOf(layout)) },
                { onError: (e) => toast.error(e.message) },
              ),
          },
        });
      },
      onError: (e) => toast.error(e.message),
    });

  return {
    confirmation,
    remove: (layout: LayoutView) => {
      if (!layout.cells.some((cell) => cell.hidden)) return removeNow(layout);
      remove.reset();
      setAsked(layout);
    },
  };
}
