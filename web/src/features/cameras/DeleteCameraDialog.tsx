import { useDeleteCamera } from "@/api/cameras";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { words } from "./words";

/** Names what is lost, and lets the recordings outlive the camera. */
export function DeleteCameraDialog({
  camera,
  onClose,
  onDeleted = onClose,
}: {
  camera: Camera;
  onClose: () => void;
  /** It is gone; otherwise as when it is closed. */
  onDeleted?: () => void;
}) {
  const remove = useDeleteCamera();
  const may = useMay();
  const go = (recordings: "keep" | "delete") => remove.mutate({ camera, recordings }, { onSuccess: onDeleted });
  return (
    <Dialog
      busy={remove.isPending}
      onClose={onClose}
      title={words.deleteWhat(camera.name)}
      description={words.deleteDetail}
    >
      {remove.error && (
        <p role="alert" className="bg-alarm/10 text-alarm mb-4 rounded-md px-3 py-2 text-[13px]">
          {remove.error.message}
        </p>
      )}
      <div className="flex flex-col gap-2">
        <Button size="touch" disabled={remove.isPending} onClick={() => go("keep")}>
          {words.deleteKeeping}
        </Button>
        {may("recordings.delete") && (
          <Button size="touch" variant="danger" disabled={remove.isPending} onClick={() => go("delete")}>
            {words.deleteAll}
          </Button>
        )}
        <CancelButton disabled={remove.isPending} className="h-11" />
      </div>
    </Dialog>
  );
}
