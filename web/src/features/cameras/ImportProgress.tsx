import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { cancelImport, useImport, type CameraImportResult } from "@/api/cameraLists";
import { useMay } from "@/api/useMe";
import { Skeleton } from "@/components/States";
import { duration } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { words } from "./words";

/** How far an import is. Whoever may not see jobs reads that it goes on. */
export function ImportProgress({ jobId, onClose }: { jobId: string; onClose: () => void }) {
  const maySee = useMay()("jobs.read");
  const job = useImport(jobId, maySee);
  const queries = useQueryClient();
  const state = job.data?.state;
  useEffect(() => {
    if (state === "done" || state === "failed" || state === "cancelled")
      void queries.invalidateQueries({ queryKey: ["cameras"] });
  }, [state, queries]);

  if (!maySee) return <Said text={words.importGoesOn} onClose={onClose} />;
  if (job.isError) return <Said text={job.error.message} onClose={onClose} />;
  if (!job.data) return <Skeleton className="h-16" />;
  const { done, total, secondsLeft, error } = job.data;
  const result = job.data.result as CameraImportResult | null;
  if (state === "done")
    return <Said text={words.imported(result?.added ?? 0, result?.refused ?? 0)} onClose={onClose} />;
  if (state === "failed") return <Said text={words.importFailed(error?.message ?? "")} onClose={onClose} />;
  if (state === "cancelled") return <Said text={words.importCancelled(done)} onClose={onClose} />;
  return (
    <div className="space-y-4">
      <div role="status" className="space-y-2">
        <p>
          {words.importing(done, total ?? 0)}
          {secondsLeft != null && <span className="text-soft"> · {words.left(duration(secondsLeft * 1000))}</span>}
        </p>
        <div className="bg-line h-1.5 overflow-hidden rounded-full">
          <div className="bg-accent h-full rounded-full" style={{ width: `${(100 * done) / (total || 1)}%` }} />
        </div>
      </div>
      <div className="flex justify-end gap-2">
        <Button variant="ghost" className="max-md:h-11" onClick={() => void cancelImport(jobId)}>
          {words.cancelImport}
        </Button>
        <Button className="max-md:h-11" onClick={onClose}>
          {words.goOnInBackground}
        </Button>
      </div>
    </div>
  );
}

function Said({ text, onClose }: { text: string; onClose: () => void }) {
  return (
    <div className="space-y-4">
      <p role="status">{text}</p>
      <div className="flex justify-end">
        <Button variant="primary" className="max-md:h-11" onClick={onClose}>
          {words.done}
        </Button>
      </div>
    </div>
  );
}
