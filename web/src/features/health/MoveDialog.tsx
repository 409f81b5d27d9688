import { useState, type FormEvent } from "react";
import { toast } from "sonner";
import { useCameras } from "@/api/cameras";
import { useStartMove } from "@/api/jobs";
import { ApiError } from "@/api/problem";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { SelectField, TextField } from "@/components/ui/Field";
import type { StoragePool } from "./storage";
import { words } from "./words";

/** Recordings of a pool to another one: all of them, or of one camera and a time. */
export function MoveDialog({
  from,
  pools,
  onClose,
}: {
  from: string;
  pools: readonly StoragePool[];
  onClose: () => void;
}) {
  const others = pools.filter((p) => p.name !== from);
  const [to, setTo] = useState(others.find((p) => p.state === "ready")?.name ?? others[0]?.name ?? "");
  const [cameraId, setCameraId] = useState("");
  const [begin, setBegin] = useState("");
  const [end, setEnd] = useState("");
  const cameras = useCameras().data ?? [];
  const move = useStartMove();
  const field = (f: string) => (move.error instanceof ApiError ? move.error.field(f) : undefined);

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    const time = (typed: string) => (typed ? new Date(typed).toISOString() : null);
    move.mutate(
      { fromPool: from, toPool: to, cameraId: cameraId || null, from: time(begin), to: time(end) },
      {
        onSuccess: () => {
          toast(words.moveBegun);
          onClose();
        },
      },
    );
  }

  return (
    <Dialog
      title={words.moveTitle(from)}
      description={words.moveLead}
      busy={move.isPending}
      unsaved={cameraId + begin + end !== ""}
      onClose={onClose}
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <SelectField label={words.moveTo} value={to} onChange={(e) => setTo(e.target.value)} autoFocus>
          {others.map((pool) => (
            <option key={pool.name} value={pool.name}>
              {pool.name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={words.moveOf}
          value={cameraId}
          onChange={(e) => setCameraId(e.target.value)}
          error={field("cameraId")}
        >
          <option value="">{words.allCameras}</option>
          {cameras.map((camera) => (
            <option key={camera.id} value={camera.id}>
              {camera.name}
            </option>
          ))}
        </SelectField>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={words.moveBegin}
            type="datetime-local"
            value={begin}
            onChange={(e) => setBegin(e.target.value)}
            hint={words.moveBeginHint}
            error={field("from")}
          />
          <TextField
            label={words.moveEnd}
            type="datetime-local"
            value={end}
            onChange={(e) => setEnd(e.target.value)}
            hint={words.moveEndHint}
            error={field("to")}
          />
        </div>
        <FormProblem error={move.error} shown={["cameraId", "from", "to"]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={move.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={move.isPending || !to}>
            {words.moveAct}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
