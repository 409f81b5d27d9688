import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { toast } from "sonner";
import { startFetch, untilOver } from "@/api/fetching";
import type { JobView } from "@/api/jobs";
import { problemWords } from "@/api/problem";
import type { Camera } from "@/api/types";
import { resultWords } from "@/features/jobs/jobWords";
import type { Span } from "@/timeline/footage";
import { words } from "./words";

/** Fetching from devices, as the page began it. */
export interface Fetching {
  begin: (camera: Pick<Camera, "id" | "name">, span: Span) => void;
  /** One of this camera is asked for, or goes on. */
  isBusy: (cameraId: string) => boolean;
}

/** Begins fetches and follows them to their end, also when the page is left: then the timeline is asked anew, and what came is said. */
export function useFetching(): Fetching {
  const queries = useQueryClient();
  const [busy, setBusy] = useState<readonly string[]>([]);
  const run = useCallback(
    async ({ id, name }: Pick<Camera, "id" | "name">, span: Span) => {
      setBusy((ids) => [...ids, id]);
      try {
        const begun = await startFetch(id, span.from, span.to);
        toast(words.fetchBegun(name));
        void queries.invalidateQueries({ queryKey: ["jobs"] });
        const over = await untilOver(begun);
        if (over) say(over, name);
        void queries.invalidateQueries({ queryKey: ["timeline", id] });
      } catch (e) {
        toast.error(e instanceof Error ? e.message : String(e));
      } finally {
        setBusy((ids) => ids.filter((other) => other !== id));
      }
    },
    [queries],
  );
  return useMemo(
    () => ({ begin: (camera, span) => void run(camera, span), isBusy: (cameraId) => busy.includes(cameraId) }),
    [run, busy],
  );
}

/** What came of it, or that nothing did and why. */
function say(job: JobView, camera: string) {
  if (job.state === "failed") toast.error(words.fetchFailed(camera, job.error ? problemWords(job.error) : ""));
  else if (job.state === "cancelled") toast(words.fetchEnded(camera));
  else toast(words.fetchOver(camera, resultWords(job) ?? ""));
}
