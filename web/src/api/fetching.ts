import { api } from "./client";
import { isOpenJob, type JobView } from "./jobs";
import { isRefusal } from "./problem";

const pauseMs = 2_000;

/** Begins a job that fills what is missing of a camera with what its device has recorded itself. Times in Unix milliseconds. */
export const startFetch = (cameraId: string, from: number, to: number): Promise<JobView> =>
  api.post("/api/cameras/{id}/fetch", {
    path: { id: cameraId },
    body: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
  });

/** Waits until a job is over. Null where the server does not say: whoever asks may not see jobs, or has signed out. */
export async function untilOver(job: JobView): Promise<JobView | null> {
  while (isOpenJob(job)) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    try {
      job = await api.get("/api/jobs/{id}", { path: { id: job.id } });
    } catch (e) {
      // A server that is away for a while is asked again.
      if (isRefusal(e)) return null;
    }
  }
  return job;
}
