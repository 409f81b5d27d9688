import { Cctv } from "lucide-react";
import { Link, useLocation } from "react-router";
import { Toaster } from "sonner";
import { useCameras } from "@/api/cameras";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { parseAddress } from "./address";
import { Playback } from "./Playback";

/** The archive. Cameras, time, zoom, speed and selection stand in the address. */
export function PlaybackPage() {
  const location = useLocation();
  const cameras = useCameras();
  const all = cameras.data ?? [];

  if (cameras.isPending)
    return (
      <div className="flex h-full flex-col gap-2 p-2" aria-label="Loading">
        <Skeleton className="flex-1" />
        <Skeleton className="h-36" />
      </div>
    );
  if (cameras.isError && all.length === 0)
    return <QueryError what="the cameras" error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (all.length === 0)
    return (
      <EmptyState
        icon={<Cctv />}
        title="Nothing to play yet"
        detail="Recordings appear here as soon as a camera is added."
      >
        <Button asChild variant="primary">
          <Link to="/cameras?edit=new">Add camera</Link>
        </Button>
      </EmptyState>
    );
  // A link that is followed while this page is open starts it anew.
  return (
    <>
      <Playback key={location.key} all={all} first={parseAddress(new URLSearchParams(location.search))} />
      <Toaster
        theme="dark"
        position="top-center"
        style={{ "--width": "18rem" } as React.CSSProperties}
        toastOptions={{
          style: {
            background: "var(--color-raised)",
            borderColor: "var(--color-line)",
            color: "var(--color-text)",
            justifyContent: "center",
            padding: "8px 14px",
          },
        }}
      />
    </>
  );
}
