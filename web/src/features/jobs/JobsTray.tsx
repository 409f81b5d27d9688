import { ListChecks, X } from "lucide-react";
import { Link } from "react-router";
import { toast } from "sonner";
import { isOpenJob, useCancelJob, useJobs, type JobView } from "@/api/jobs";
import { problemWords } from "@/api/problem";
import { useMay, useMe } from "@/api/useMe";
import { cn } from "@/components/cn";
import { ListSkeleton } from "@/components/ListSkeleton";
import { EmptyState, QueryError } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { Drawer } from "@/components/ui/Drawer";
import { When } from "@/components/When";
import { wordFor } from "@/i18n/catalogue";
import { kindWords, progressWords, resultWords } from "./jobWords";
import { words } from "./words";

/** Long work beside the page: what runs, how far it is, and what came of what is over. */
export function JobsTray({ onClose }: { onClose: () => void }) {
  const jobs = useJobs(true);
  const all = jobs.data ?? [];
  return (
    <Drawer title={words.jobs} description={words.lead} onClose={onClose}>
      {jobs.isPending ? (
        <ListSkeleton lines={3} className="h-20" />
      ) : jobs.isError && all.length === 0 ? (
        <QueryError what={words.theJobs} error={jobs.error} onRetry={() => void jobs.refetch()} />
      ) : all.length === 0 ? (
        <EmptyState icon={<ListChecks />} title={words.none} detail={words.noneDetail} />
      ) : (
        <ul className="space-y-3">
          {all.map((job) => (
            <Job key={job.id} job={job} onClose={onClose} />
          ))}
        </ul>
      )}
    </Drawer>
  );
}

function Job({ job, onClose }: { job: JobView; onClose: () => void }) {
  const cancel = useCancelJob();
  const may = useMay();
  const me = useMe().data;
  const open = isOpenJob(job);
  const kind = kindWords(job);
  const result = resultWords(job);
  const mayCancel = open && (job.createdBy === me?.username || may("jobs.write"));
  const percent = Math.round((job.progress ?? 0) * 100);
  return (
    <li className="bg-ground rounded-lg border p-3">
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <p className="font-medium">{kind}</p>
          <p className="text-soft text-[13px]">
            {words.by(job.createdBy)} · <When at={job.finishedAt ?? job.createdAt} />
          </p>
        </div>
        {mayCancel ? (
          <Button
            size="icon"
            variant="ghost"
            className="-m-1 size-8 max-md:size-11"
            aria-label={words.cancelWhat(kind)}
            title={words.cancel}
            disabled={cancel.isPending}
            onClick={() => cancel.mutate(job.id, { onError: (e) => toast.error(e.message) })}
          >
            <X />
          </Button>
        ) : (
          job.kind === "export" &&
          may("recordings.export") && (
            <Link
              to="/exports"
              onClick={onClose}
              className="text-accent grid shrink-0 place-items-center text-[13px] hover:underline max-md:h-11"
            >
              {words.open}
            </Link>
          )
        )}
      </div>
      {open && (
        <div
          role="progressbar"
          aria-label={`${words.progress}: ${kind}`}
          aria-valuemin={0}
          aria-valuemax={100}
          {...(job.progress == null ? {} : { "aria-valuenow": percent })}
          className="bg-raised mt-2 h-1.5 overflow-hidden rounded-full"
        >
          <div
            className={cn("bg-accent h-full transition-[width]", job.progress == null && "w-1/4 animate-pulse")}
            style={job.progress == null ? undefined : { width: `${percent}%` }}
          />
        </div>
      )}
      <p className="tabular mt-1.5 text-[13px] break-words">
        <span
          className={cn(
            "font-medium",
            job.state === "failed" ? "text-alarm" : job.state === "done" ? "text-good" : "text-soft",
          )}
        >
          {wordFor(words.states, job.state) ?? job.state}
        </span>
        <span className="text-soft">
          {[open ? progressWords(job) : result, job.error && problemWords(job.error)]
            .filter(Boolean)
            .map((part) => ` · ${part}`)
            .join("")}
        </span>
      </p>
    </li>
  );
}
