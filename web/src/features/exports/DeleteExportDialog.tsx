import { useDeleteExport, type Export } from "@/api/exports";
import { dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { words } from "./words";

/** Asks before an export's files are removed: the recordings in it may be gone by now. */
export function DeleteExportDialog({ value, onClose }: { value: Export; onClose: () => void }) {
  const remove = useDeleteExport();
  return (
    <Dialog
      title={words.deleteWhat}
      busy={remove.isPending}
      onClose={onClose}
      description={words.deleteDetail(value.cameras.map((c) => c.name).join(", "), dayAndClock(Date.parse(value.from)))}
    >
      {remove.error && (
        <p role="alert" className="bg-alarm/10 text-alarm mb-4 rounded-md px-3 py-2 text-[13px]">
          {remove.error.message}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <CancelButton disabled={remove.isPending} />
        <Button
          variant="danger"
          className="max-md:h-11"
          disabled={remove.isPending}
          onClick={() => remove.mutate(value.id, { onSuccess: onClose })}
        >
          {remove.isPending ? words.deleting : words.delete}
        </Button>
      </div>
    </Dialog>
  );
}
