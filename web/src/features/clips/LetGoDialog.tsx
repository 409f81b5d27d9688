import { useLetGo, type KeptKind } from "@/api/kept";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";

/** Asks before a clip is deleted or a hold lifted: what it kept may go at once. */
export function LetGoDialog({
  kind,
  id,
  title,
  description,
  action,
  onClose,
}: {
  kind: KeptKind;
  id: string;
  title: string;
  description: string;
  action: string;
  onClose: () => void;
}) {
  const letGo = useLetGo(kind);
  return (
    <Dialog title={title} description={description} busy={letGo.isPending} onClose={onClose}>
      {letGo.isError && (
        <p role="alert" className="bg-alarm/10 text-alarm mb-4 rounded-md px-3 py-2 text-[13px]">
          {letGo.error.message}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <CancelButton disabled={letGo.isPending} />
        <Button
          variant="danger"
          className="max-md:h-11"
          disabled={letGo.isPending}
          onClick={() => letGo.mutate(id, { onSuccess: onClose })}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
