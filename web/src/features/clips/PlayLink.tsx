import { PlaySquare } from "lucide-react";
import { Link } from "react-router";
import { useCameras } from "@/api/cameras";
import type { KeptCamera } from "@/api/kept";
import { Button } from "@/components/ui/Button";
import { playbackOf } from "./keptWords";
import { words } from "./words";

/** Opens playback at the beginning of a range, of those cameras that are still there. */
export function PlayLink({ cameras, from, to }: { cameras: KeptCamera[]; from: string; to: string }) {
  const known = useCameras();
  const there = cameras.filter((c) => known.data?.some((k) => k.id === c.cameraId));
  if (known.data && there.length === 0)
    return (
      <span className="text-faint text-[12px]" title={words.camerasDeletedDetail}>
        {words.camerasDeleted}
      </span>
    );
  return (
    <Button asChild size="sm" className="max-md:h-11">
      <Link to={playbackOf({ cameras: there, from, to })}>
        <PlaySquare /> {words.play}
      </Link>
    </Button>
  );
}
