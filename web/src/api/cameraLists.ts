import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, asSignedIn } from "./client";
import { isRefusal } from "./problem";
import type { Camera, CameraInput, Schemas } from "./types";

/** Many cameras at once: lists as comma-separated values, and the same change of all that are chosen. */

export type ImportCamerasLineView = Schemas["ImportCamerasLineView"];
/** What would come of a list. */
export type ImportCamerasDryRun = Schemas["ImportCamerasDryRun"];
export type PatchCamerasCameraResult = Schemas["PatchCamerasCameraResult"];

/** What a finished import says. */
export interface CameraImportResult {
  added: number;
  refused: number;
}

/** The file as it is: whether it is UTF-8 the server says. */
async function send<T>(file: Blob, query: string): Promise<T> {
  const headers = { "content-type": "text/csv" };
  return (await (await asSignedIn(`/api/cameras/import${query}`, { method: "POST", headers, body: file })).json()) as T;
}

export const tryList = (file: Blob) => send<ImportCamerasDryRun>(file, "?dryRun=true");

export const importList = (file: Blob) => send<Schemas["JobView"]>(file, "");

export const cancelImport = (id: string) => api.delete("/api/jobs/{id}", { path: { id } });

/** How far an import is, asked again until it is over. */
export function useImport(id: string, enabled: boolean) {
  return useQuery({
    queryKey: ["import", id],
    enabled,
    queryFn: ({ signal }) => api.get("/api/jobs/{id}", { path: { id }, signal }),
    refetchInterval: ({ state }) =>
      isRefusal(state.error) || (state.data && !["queued", "running"].includes(state.data.state)) ? false : 700,
  });
}

/** The list of all cameras, as a file of the browser. */
export async function downloadList(): Promise<void> {
  const answer = await asSignedIn("/api/cameras/export.csv", { signal: AbortSignal.timeout(60_000) });
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
        results.push(...(await api.patch("/api/cameras", { body: { ids, patch } })).results);
      }
      return results;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["cameras"] }),
  });
}
