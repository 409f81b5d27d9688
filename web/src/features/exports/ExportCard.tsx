import { ChevronDown, Download, Trash2, X } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { downloadUrl, isOpen, useCancelExport, type Export } from "@/api/exports";
import { cn } from "@/components/cn";
import { clock, dayAndClock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { DeleteExportDialog } from "./DeleteExportDialog";
import { alterationWords, bytes, outcomeWords, progressWords } from "./exportWords";
import { words } from "./words";

/** One export: what is in it, how far it is, and what can be done with it. */
export function ExportCard({ value }: { value: Export }) {
  const [open, setOpen] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const cancel = useCancelExport();
  const gone = value.state === "cancelled" || value.state === "deleted" || value.state === "expired";
  const from = Date.parse(value.from);
  const to = Date.parse(value.to);
  const sameDay = new Date(from).toDateString() === new Date(to).toDateString();
  const alterations = alterationWords(value);
  const details = [progressWords(value), outcomeWords(value)].filter((w) => w !== null).join(", ");
  const movies = value.files.filter((f) => f.cameraId);
  const others = value.files.filter((f) => !f.cameraId);

  async function download(url: string) {
    try {
      const link = document.createElement("a");
      link.href = await downloadUrl(value, url);
      link.download = "";
      link.click();
    } catch (error) {
      toast.error(error instanceof Error ? error.message : words.noDownload);
    }
  }

  return (
    <li className={cn("bg-panel rounded-lg border p-4", gone && "opacity-60")}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="font-medium break-words">{value.cameras.map((c) => c.name).join(", ")}</h2>
          <p className="tabular text-soft text-[13px]">
            {dayAndClock(from)} – {sameDay ? clock(to) : dayAndClock(to)}
          </p>
          {alterations && <p className="text-soft text-[13px] break-words">{alterations}</p>}
          {value.note && <p className="mt-1 break-words">{value.note}</p>}
          <p className="text-faint text-[13px]">
            {words.askedForBy(value.requestedBy, dayAndClock(Date.parse(value.requestedAt)))}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          {value.zipUrl && (
            <Button
              size="sm"
              variant="primary"
              className="max-md:h-11"
              onClick={() => void download(value.zipUrl!)}
              title={words.zipTitle}
            >
              <Download /> {words.downloadZip}
              {value.zipBytes ? `, ${bytes(value.zipBytes)}` : ""}
            </Button>
          )}
          {isOpen(value) && (
            <Button
              size="sm"
              variant="ghost"
              className="max-md:h-11"
              disabled={cancel.isPending}
              onClick={() => cancel.mutate(value.id, { onError: (e) => toast.error(e.message) })}
            >
              <X /> {words.cancel}
            </Button>
          )}
          {!isOpen(value) && !gone && (
            <Button size="sm" variant="ghost" className="max-md:h-11" onClick={() => setDeleting(true)}>
              <Trash2 /> {words.delete}
            </Button>
          )}
          {deleting && <DeleteExportDialog value={value} onClose={() => setDeleting(false)} />}
        </div>
      </div>

      {isOpen(value) && (
        <div
          role="progressbar"
          aria-label={words.progress}
          aria-valuenow={Math.round(value.progress * 100)}
          aria-valuemin={0}
          aria-valuemax={100}
          className="bg-raised mt-3 h-1.5 overflow-hidden rounded-full"
        >
          <div className="bg-accent h-full transition-[width]" style={{ width: `${value.progress * 100}%` }} />
        </div>
      )}
      <div className="mt-2 flex flex-wrap items-center gap-x-2 text-[13px]">
        <span
          className={cn(
            "font-medium",
            value.state === "failed" ? "text-alarm" : value.state === "done" ? "text-good" : "text-soft",
          )}
        >
          {words.states[value.state]}
        </span>
        {details && (
          <span className="tabular text-soft break-words" role={value.state === "failed" ? "alert" : undefined}>
            {details}
          </span>
        )}
        {value.files.length > 0 && (
          <button
            type="button"
            className="text-soft hover:text-text ml-auto inline-flex items-center gap-1 max-md:h-11"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {words.contents(movies.length)}
            <ChevronDown className={cn("size-4 transition-transform", open && "rotate-180")} aria-hidden />
          </button>
        )}
      </div>
      {open && (
        <ul className="mt-2 divide-y border-t text-[13px]">
          {[...movies, ...others].map((file) => (
            <li key={file.name} className="flex flex-wrap items-center gap-x-3 py-2">
              <button
                type="button"
                className="text-accent min-w-0 flex-1 basis-56 text-left break-all hover:underline"
                onClick={() => void download(file.url)}
              >
                {file.name}
              </button>
              <span className="tabular text-soft">{bytes(file.bytes)}</span>
              <code className="text-faint w-full text-[11px] break-all" title="SHA-256">
                {file.sha256}
              </code>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
