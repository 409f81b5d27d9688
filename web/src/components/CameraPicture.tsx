import { useQuery } from "@tanstack/react-query";
import { Cctv } from "lucide-react";
import { useEffect, useState } from "react";
import { api } from "@/api/client";
import type { Camera } from "@/api/types";
import { cn } from "./cn";

/** Tickets last longer; a new one is asked for well before. */
const ticketLife = 60_000;
const refreshEvery = 10_000;

/** One ticket for the stills of every camera: a URL in an `img` carries no header. */
function useSnapshotTicket(enabled: boolean) {
  return useQuery({
    queryKey: ["snapshot-ticket"],
    enabled,
    staleTime: ticketLife,
    refetchInterval: ticketLife,
    queryFn: ({ signal }) => api.post("/api/tickets", { body: { kind: "snapshot" }, signal }),
  });
}

/** How it looks there now: a still, renewed now and then. Cameras that are not pulled are left alone. */
export function CameraPicture({
  camera,
  width = 256,
  className,
  onPicture,
}: {
  camera: Camera;
  /** Pixels that are asked for. */
  width?: number;
  className?: string;
  /** Told width by height of each picture that is shown. */
  onPicture?: (ratio: number) => void;
}) {
  const online = camera.state === "online";
  const ticket = useSnapshotTicket(online);
  const [turn, setTurn] = useState(() => Date.now());
  useEffect(() => {
    if (!online) return;
    const timer = setInterval(() => {
      if (!document.hidden) setTurn(Date.now());
    }, refreshEvery);
    return () => clearInterval(timer);
  }, [online]);
  return (
    <div className={cn("pictures flex items-center justify-center overflow-hidden rounded bg-black", className)}>
      {online && ticket.data ? (
        <img
          src={`/api/cameras/${camera.id}/snapshot.jpg?width=${width}&turn=${turn}&ticket=${encodeURIComponent(ticket.data.ticket)}`}
          alt=""
          decoding="async"
          onLoad={(e) => onPicture?.(e.currentTarget.naturalWidth / e.currentTarget.naturalHeight)}
          className="size-full object-cover"
        />
      ) : (
        <Cctv className="text-faint size-5 stroke-[1.5]" aria-hidden />
      )}
    </div>
  );
}
