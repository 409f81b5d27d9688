import { useId, useState } from "react";
import { useNavigate } from "react-router";
import { toast } from "sonner";
import { useRequestExport, type BurnIn, type ExportFormat } from "@/api/exports";
import type { Camera } from "@/api/types";
import { clock, dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { SelectField } from "@/components/ui/Field";
import type { Span } from "@/timeline/footage";
import { day } from "@/timeline/scale";
import { BurnInFields, nothingBurntIn, type BurnInChoice } from "./BurnInFields";
import { proofWords } from "./exportWords";
import { words } from "./words";

/** The server exports no longer range at a time. */
const longest = 7 * day;

/** Which cameras, as what, and what for. */
export function ExportDialog({
  cameras,
  range,
  onClose,
}: {
  cameras: readonly Camera[];
  range: Span;
  onClose: () => void;
}) {
  const [chosen, setChosen] = useState(() => new Set(cameras.map((c) => c.id)));
  const [format, setFormat] = useState<ExportFormat>("mp4");
  const [burnIn, setBurnIn] = useState<BurnInChoice>(nothingBurntIn);
  const [note, setNote] = useState("");
  const noteId = useId();
  const request = useRequestExport();
  const navigate = useNavigate();
  const tooLong = range.to - range.from > longest;
  const picked = cameras.filter((c) => chosen.has(c.id));
  const asked = burnInOf(burnIn, chosen);
  const watermark = burnIn.text.trim();

  const send = () =>
    request.mutate(
      {
        cameras: [...chosen],
        from: new Date(range.from).toISOString(),
        to: new Date(range.to).toISOString(),
        format,
        note: note.trim(),
        ...(watermark && { watermark }),
        ...(asked && { burnIn: asked }),
      },
      {
        onSuccess: () => {
          onClose();
          toast(words.beingMade, { action: { label: words.show, onClick: () => void navigate("/exports") } });
        },
      },
    );

  return (
    <Dialog
      busy={request.isPending}
      unsaved={burnIn.masks.size > 0}
      onClose={onClose}
      title={words.export}
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
          <legend className="text-soft mb-1.5 text-[13px] font-medium">{words.cameras}</legend>
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
        <SelectField label={words.format} value={format} onChange={(e) => setFormat(e.target.value as ExportFormat)}>
          <option value="mp4">MP4</option>
          <option value="mkv">MKV (Matroska)</option>
        </SelectField>
        <BurnInFields cameras={picked} range={range} value={burnIn} onChange={setBurnIn} />
        <div className="space-y-1.5">
          <label htmlFor={noteId} className="text-soft block text-[13px] font-medium">
            {words.note}
          </label>
          <textarea
            id={noteId}
            className="bg-ground placeholder:text-faint hover:border-faint min-h-20 w-full rounded-md border px-3 py-2"
            maxLength={2000}
            value={note}
            placeholder={words.noteExample}
            onChange={(e) => setNote(e.target.value)}
          />
        </div>
        <p className="text-soft text-[13px]">{proofWords(format, watermark.length > 0 || asked !== null)}</p>
        {(tooLong || request.error) && (
          <p role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {tooLong ? words.tooLong : request.error?.message}
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
            {words.export}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What is asked of the server; null for nothing. Areas of cameras that are not exported do not count. */
function burnInOf(choice: BurnInChoice, chosen: ReadonlySet<string>): BurnIn | null {
  const masks = [...choice.masks]
    .filter(([cameraId]) => chosen.has(cameraId))
    .flatMap(([cameraId, boxes]) => boxes.map((box) => ({ cameraId, box })));
  if (!choice.time && !choice.faces && masks.length === 0) return null;
  return {
    time: choice.time,
    masks,
    faces: choice.faces,
    ...(choice.time && { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
  };
}
