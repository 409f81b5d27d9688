import { FileUp } from "lucide-react";
import { useState, type DragEvent } from "react";
import { useMutation } from "@tanstack/react-query";
import { importList, tryList, type ImportCamerasDryRun } from "@/api/cameraLists";
import { ApiError } from "@/api/problem";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/Button";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { listProblems, lineProblem } from "./listProblems";
import { ImportProgress } from "./ImportProgress";
import { words } from "./words";

/** A list of cameras as a file: first what would come of it, then the import, which goes on when this is closed. */
export function ImportDialog({
  jobId,
  onJob,
  onClose,
}: {
  /** Of an import that has begun; null before. */
  jobId: string | null;
  onJob: (id: string) => void;
  onClose: () => void;
}) {
  const [file, setFile] = useState<File | null>(null);
  const tried = useMutation({ mutationFn: tryList });
  const begun = useMutation({ mutationFn: importList, onSuccess: (job) => onJob(job.id) });
  const error = tried.error ?? begun.error;
  const choose = (chosen: File | undefined) => {
    if (!chosen) return;
    setFile(chosen);
    begun.reset();
    tried.mutate(chosen);
  };

  if (jobId)
    return (
      <Dialog onClose={onClose} title={words.importTitle}>
        <ImportProgress jobId={jobId} onClose={onClose} />
      </Dialog>
    );
  return (
    <Dialog
      busy={begun.isPending}
      onClose={onClose}
      title={words.importTitle}
      description={words.importDetail}
      className="sm:w-[36rem]"
    >
      <div className="space-y-4">
        <FileDrop name={file?.name ?? null} busy={tried.isPending} onFile={choose} />
        {error && (
          <ul role="alert" className="bg-alarm/10 text-alarm rounded-md px-3 py-2 text-[13px]">
            {listProblems(error instanceof ApiError ? error.problem : null, error).map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        )}
        {tried.data && <Outcome run={tried.data} />}
        <div className="flex justify-end gap-2 pt-2">
          <CancelButton disabled={begun.isPending} />
          <Button
            variant="primary"
            className="max-md:h-11"
            disabled={!file || !tried.data || tried.data.valid === 0 || begun.isPending}
            onClick={() => file && begun.mutate(file)}
          >
            {words.importN(tried.data?.valid ?? 0)}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function FileDrop({
  name,
  busy,
  onFile,
}: {
  name: string | null;
  busy: boolean;
  onFile: (file: File | undefined) => void;
}) {
  const [over, setOver] = useState(false);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0]);
  };
  return (
    <label
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
      className={cn(
        "has-focus-visible:outline-accent flex min-h-24 flex-col items-center justify-center gap-1 rounded-lg border border-dashed p-4 text-center has-focus-visible:outline-2",
        over && "border-accent bg-accent/10",
      )}
    >
      <FileUp className={cn("text-soft size-6 stroke-[1.5]", busy && "animate-pulse")} aria-hidden />
      <span>{name ?? words.chooseFile}</span>
      <span className="text-faint text-[13px]">{words.fileHint}</span>
      <input
        type="file"
        accept=".csv,text/csv"
        className="sr-only"
        onChange={(e) => {
          onFile(e.target.files?.[0]);
          // The same file again, once it is repaired.
          e.target.value = "";
        }}
      />
    </label>
  );
}

function Outcome({ run }: { run: ImportCamerasDryRun }) {
  const wrong = run.lines.filter((l) => l.code);
  return (
    <div role="status">
      <p className={run.valid === 0 ? "text-warn" : undefined}>{words.wouldAdd(run.valid, run.invalid)}</p>
      {wrong.length > 0 && (
        <table className="mt-2 block max-h-52 w-full overflow-y-auto text-left text-[13px]">
          <thead className="text-soft">
            <tr>
              <th className="pr-4 font-medium">{words.line}</th>
              <th className="pr-4 font-medium">{words.name}</th>
              <th className="font-medium">{words.problem}</th>
            </tr>
          </thead>
          <tbody>
            {wrong.map((line) => (
              <tr key={line.line} className="align-top">
                <td className="tabular text-soft pr-4">{line.line}</td>
                <td className="pr-4">{line.name ?? "–"}</td>
                <td className={line.code === "duplicate" ? "text-soft" : "text-warn"}>{lineProblem(line)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
