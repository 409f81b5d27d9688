import { Cctv } from "lucide-react";
import { Link, useLocation } from "react-router";
import { useCameras } from "@/api/cameras";
import { useMay } from "@/api/useMe";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { parseAddress } from "./address";
import { Playback } from "./Playback";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** The archive. Cameras, time, zoom, speed and selection stand in the address. */
export function PlaybackPage() {
  const location = useLocation();
  const cameras = useCameras();
  const mayAdd = useMay()("cameras.write");
  const all = cameras.data ?? [];

  if (cameras.isPending)
    return (
      <div className="pictures bg-ground flex h-full flex-col gap-2 p-2" role="status" aria-label={pageWords.loading}>
        <Skeleton className="flex-1" />
        <Skeleton className="h-36" />
      </div>
    );
  if (cameras.isError && all.length === 0)
    return <QueryError what={pageWords.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (all.length === 0)
    return (
      <EmptyState icon={<Cctv />} title={words.nothingYet} detail={words.nothingYetDetail}>
        {mayAdd && (
          <Button asChild variant="primary">
            <Link to="/cameras?edit=new">{words.addCamera}</Link>
          </Button>
        )}
      </EmptyState>
    );
  // A link that is followed while this page is open starts it anew.
  return <Playback key={location.key} all={all} first={parseAddress(new URLSearchParams(location.search))} />;
}
