import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useIsPast } from "@/components/useNow";
import { api } from "./client";

/** Tickets last an hour; a new one is asked for well before. */
const ticketLife = 30 * 60_000;
/** One that is older is not tried any more: a page that slept asks for a new one first. */
const lastUseAfter = 55 * 60_000;

/** One ticket for the small pictures of every camera's past: a URL in an `img` carries no header. Null while there is none. */
export function usePictureTicket(enabled = true): string | null {
  const ticket = useQuery({
    queryKey: ["picture-ticket"],
    enabled,
    staleTime: ticketLife,
    refetchInterval: ticketLife,
    queryFn: ({ signal }) => api.post("/api/tickets", { body: { kind: "playback" }, signal }),
  });
  const isSpent = useIsPast(ticket.dataUpdatedAt + lastUseAfter);
  const { refetch } = ticket;
  useEffect(() => {
    if (enabled && isSpent) void refetch({ cancelRefetch: false });
  }, [enabled, isSpent, refetch]);
  return isSpent ? null : (ticket.data?.ticket ?? null);
}

/** For a picture's own address, as the API gives it. */
export const withTicket = (url: string, ticket: string): string => `${url}&ticket=${encodeURIComponent(ticket)}`;

/**
 * A small picture of a time; where nothing is recorded then, the first one of the time that follows.
 * @param within For so long after it, milliseconds; an hour at the most.
 */
export function previewUrl(cameraId: string, at: number, within: number, ticket: string): string {
  const seconds = Math.min(3600, Math.max(0, Math.ceil(within / 1000)));
  return `/api/cameras/${encodeURIComponent(cameraId)}/preview.jpg?at=${new Date(at).toISOString()}&within=${seconds}&ticket=${encodeURIComponent(ticket)}`;
}

/** The very picture of a time, as small unless another width is asked for, made when it is asked for. */
export function exactPictureUrl(cameraId: string, at: number, ticket: string, width = 320): string {
  return `/api/cameras/${encodeURIComponent(cameraId)}/snapshot.jpg?at=${new Date(at).toISOString()}&width=${width}&ticket=${encodeURIComponent(ticket)}`;
}
