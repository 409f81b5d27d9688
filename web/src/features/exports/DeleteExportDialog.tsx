import { useDeleteExport, type Export } from "@/api/exports";
import { dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";

/** Asks before an export's files are removed: the recordings in it may be gone by now. */
export function DeleteExportDialog({ value, onClose }: { value: Export; onClose: () => void }) {
  const remove = useDeleteExport();
  return (
    <Dialog
      title="Delete the export?"
      busy={remove.isPending}
      onClose={onClose}
      description={`${value.cameras.map((c) => c.name).join(", ")}, ${dayAndClock(Date.parse(value.from))}: its files are removed. They can be made again only as long as the recordings are kept.`}
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
          {remove.isPending ? "Deleting…" : "Delete"}
        </Button>
      </div>
    </Dialog>
  );
}
