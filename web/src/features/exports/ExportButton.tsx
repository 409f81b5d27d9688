import { FileDown } from "lucide-react";
import { useId, useState } from "react";
import { useNavigate } from "react-router";
import { toast } from "sonner";
import { useRequestExport } from "@/api/exports";
import type { Camera } from "@/api/types";
import { useMe } from "@/api/useMe";
import { clock, dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import type { Span } from "@/timeline/footage";
import { day } from "@/timeline/scale";

/** The server exports no longer range at a time. */
const longest = 7 * day;

/** Asks for an export of a selected range. Not there for whoever may not export. */
export function ExportButton({ cameras, range }: { cameras: readonly Camera[]; range: Span }) {
  const [open, setOpen] = useState(false);
  const may = useMe().data?.permissions.includes("recordings.export") ?? false;
  if (!may) return null;
  return (
    <>
      <Button size="sm" className="max-md:h-11" onClick={() => setOpen(true)} title="With proof of what was recorded">
        <FileDown /> Export…
      </Button>
      {open && <ExportDialog cameras={cameras} range={range} onClose={() => setOpen(false)} />}
    </>
  );
}

function ExportDialog({ cameras, range, onClose }: { cameras: readonly Camera[]; range: Span; onClose: () => void }) {
  const [chosen, setChosen] = useState(() => new Set(cameras.map((c) => c.id)));
  const [note, setNote] = useState("");
  const noteId = useId();
  const request = useRequestExport();
  const navigate = useNavigate();
  const tooLong = range.to - range.from > longest;

  const send = () =>
    request.mutate(
      {
        cameras: [...chosen],
        from: new Date(range.from).toISOString(),
        to: new Date(range.to).toISOString(),
        format: "mp4",
        note: note.trim(),
      },
      {
        onSuccess: () => {
          onClose();
          toast("The export is being made", { action: { label: "Show", onClick: () => void navigate("/exports") } });
        },
      },
    );

  return (
    <Dialog
      busy={request.isPending}
      onClose={onClose}
      title="Export"
      description={`${dayAndClock(range.from)} – ${clock(range.to)}`}
    >
      <form
        className="space-y-4"
        onSubmit={(e) => {
          e.preventDefault();
          send();
        }}
      >
        <fieldset>
          <legend className="text-soft mb-1.5 text-[13px] font-medium">Cameras</legend>
          {cameras.map((camera) => (
            <label key={camera.id} className="flex min-h-9 items-center gap-2 max-md:min-h-11">
              <input
                type="checkbox"
                className="accent-accent size-4"
                checked={chosen.has(camera.id)}
                onChange={(e) => {
                  const next = new Set(chosen);
                  if (e.target.checked) next.add(camera.id);
                  else next.delete(camera.id);
                  setChosen(next);
                }}
              />
              {camera.name}
            </label>
          ))}
        </fieldset>
        <div className="space-y-1.5">
          <label htmlFor={noteId} className="text-soft block text-[13px] font-medium">
            Note
          </label>
          <textarea
            id={noteId}
            className="bg-ground placeholder:text-faint hover:border-faint min-h-20 w-full rounded-md border px-3 py-2"
            maxLength={2000}
            value={note}
            placeholder="Case number, what it shows"
            onChange={(e) => setNote(e.target.value)}
          />
        </div>
        <p className="text-soft text-[13px]">
          MP4 as it was recorded, with a signed list of its files and a page that proves, without a network, that
          nothing was changed. A few seconds from before the start may be in the files, not shown.
        </p>
        {(tooLong || request.error) && (
          <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {tooLong ? "An export is seven days long at the most." : request.error?.message}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <CancelButton disabled={request.isPending} />
          <Button
            type="submit"
            variant="primary"
            className="max-md:h-11"
            disabled={chosen.size === 0 || tooLong || request.isPending}
          >
            Export
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
