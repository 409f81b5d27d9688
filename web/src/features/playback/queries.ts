import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Timeline } from "@/api/types";
import { minute, spanOf, type View } from "@/timeline/scale";

const iso = (ms: number) => new Date(ms).toISOString();

/** The timeline of a camera for a view and as much again on either side, so that panning finds it loaded. */
export function useTimeline(cameraId: string | undefined, view: View) {
  const span = spanOf(view);
  const grid = Math.max(minute, 2 ** Math.ceil(Math.log2(span)));
  const from = Math.floor((view.from - span / 2) / grid) * grid;
  const to = Math.ceil((view.to + span / 2) / grid) * grid;
  return useQuery({
    queryKey: ["timeline", cameraId, from, to],
    enabled: cameraId !== undefined,
    queryFn: ({ signal }) =>
      call<Timeline>("GET", `/api/cameras/${cameraId}/timeline?from=${iso(from)}&to=${iso(to)}`, undefined, signal),
    refetchInterval: 5_000,
    placeholderData: keepPreviousData,
  });
}

/** A ticket for URLs that the browser loads by itself. */
export async function playbackTicket(cameraId: string): Promise<string> {
  const { ticket } = await call<{ ticket: string }>("POST", "/api/tickets", {
    kind: "playback",
    cameraIds: [cameraId],
  });
  return encodeURIComponent(ticket);
}

export async function playlistUrl(cameraId: string, from: number, to: number, converted: boolean): Promise<string> {
  return `/api/cameras/${cameraId}/playback/index.m3u8?from=${iso(from)}&to=${iso(to)}${converted ? "&converted=true" : ""}&ticket=${await playbackTicket(cameraId)}`;
}

export async function clipUrl(cameraId: string, from: number, to: number): Promise<string> {
  return `/api/cameras/${cameraId}/clip.mp4?from=${iso(from)}&to=${iso(to)}&ticket=${await playbackTicket(cameraId)}`;
}
