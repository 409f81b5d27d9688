import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, stream } from "./call";
import type { Camera, CameraInput } from "./types";

/** Many cameras at once: lists as comma-separated values, and the same change of all that are chosen. */

export interface ImportCamerasLineView {
  line: number;
  name?: string | null;
  /** Null: it would become a camera. */
  code?: string | null;
  detail?: string | null;
  fields: { field: string; code: string; message: string }[];
}

/** What would come of a list. */
export interface ImportCamerasDryRun {
  valid: number;
  invalid: number;
  lines: ImportCamerasLineView[];
}

export interface CameraImportJobView {
  id: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  /** Lines. */
  done: number;
  total?: number | null;
  secondsLeft?: number | null;
  error?: { code: string; message: string } | null;
  result?: { added: number; refused: number } | null;
}

export interface PatchCamerasCameraResult {
  id: string;
  changed: boolean;
  code?: string | null;
  detail?: string | null;
  fields: { field: string; code: string; message: string }[];
}

/** A file is sent as it is: whether it is UTF-8 the server says. */
const csv = (file: Blob) => new Blob([file], { type: "text/csv" });

export const tryList = (file: Blob) => call<ImportCamerasDryRun>("POST", "/api/cameras/import?dryRun=true", csv(file));

export const importList = (file: Blob) => call<CameraImportJobView>("POST", "/api/cameras/import", csv(file));

export const cancelImport = (jobId: string) => call<void>("DELETE", `/api/jobs/${jobId}`);

/** How far an import is, asked again until it is over. */
export function useImport(jobId: string, enabled: boolean) {
  return useQuery({
    queryKey: ["import", jobId],
    enabled,
    queryFn: ({ signal }) => call<CameraImportJobView>("GET", `/api/jobs/${jobId}`, undefined, signal),
    refetchInterval: ({ state }) => (state.data && !["queued", "running"].includes(state.data.state) ? false : 700),
  });
}

/** The list of all cameras, as a file of the browser. */
export async function downloadList(): Promise<void> {
  const answer = await stream("GET", "/api/cameras/export.csv", undefined, AbortSignal.timeout(60_000));
  const url = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  Object.assign(link, { href: url, download: "cameras.csv" });
  link.click();
  URL.revokeObjectURL(url);
}

/** The server takes as many with one request. */
const maxAtOnce = 500;

export function useChangeCameras() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ cameras, patch }: { cameras: readonly Camera[]; patch: CameraInput }) => {
      const results: PatchCamerasCameraResult[] = [];
      for (let from = 0; from < cameras.length; from += maxAtOnce) {
        const ids = cameras.slice(from, from + maxAtOnce).map((c) => c.id);
        results.push(
          ...(await call<{ results: PatchCamerasCameraResult[] }>("PATCH", "/api/cameras", { ids, patch })).results,
        );
      }
      return results;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["cameras"] }),
  });
}
