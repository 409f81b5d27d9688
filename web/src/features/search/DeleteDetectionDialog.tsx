import { useDeleteDetection, type DetectionView } from "@/api/detections";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { dayAndClock } from "@/components/time";
import { nameOf } from "./detection";
import { words } from "./words";

/** Names what is lost: the entry, its event and its pictures. */
export function DeleteDetectionDialog({
  detection,
  onGone,
  onClose,
}: {
  detection: DetectionView;
  onGone: () => void;
  onClose: () => void;
}) {
  const remove = useDeleteDetection();
  return (
    <ConfirmDialog
      title={words.deleteWhat(nameOf(detection))}
      description={words.deleteDetail(detection.cameraName ?? words.goneCamera, dayAndClock(Date.parse(detection.at)))}
      action={words.deleteAct}
      error={remove.error}
      busy={remove.isPending}
      onConfirm={() =>
        remove.mutate(detection, {
          onSuccess: () => {
            onClose();
            onGone();
          },
        })
      }
      onClose={onClose}
    />
  );
}
