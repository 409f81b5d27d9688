import { useDeleteNvr, type NvrView } from "@/api/nvr";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { words } from "./words";

/** Names what goes, and lets the cameras outlive the recorder. */
export function RemoveRecorderDialog({
  nvr,
  onClose,
  onRemoved,
}: {
  nvr: NvrView;
  onClose: () => void;
  onRemoved: () => void;
}) {
  const remove = useDeleteNvr(nvr.id);
  const go = (cameras: "keep" | "delete") => remove.mutate(cameras, { onSuccess: onRemoved });
  return (
    <Dialog
      busy={remove.isPending}
      onClose={onClose}
      title={words.removeTitle(nvr.name)}
      description={words.removeDetail(nvr.channels.added)}
    >
      {remove.error && (
        <p role="alert" className="bg-alarm/10 text-alarm mb-4 rounded-md px-3 py-2 text-[13px]">
          {remove.error.message}
        </p>
      )}
      <div className="flex flex-col gap-2">
        <Button size="touch" disabled={remove.isPending} onClick={() => go("keep")}>
          {words.removeKeeping}
        </Button>
        {nvr.channels.added > 0 && (
          <Button size="touch" variant="danger" disabled={remove.isPending} onClick={() => go("delete")}>
            {words.removeAll(nvr.channels.added)}
          </Button>
        )}
        <CancelButton disabled={remove.isPending} />
      </div>
    </Dialog>
  );
}
