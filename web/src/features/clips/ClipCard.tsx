import { Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { useCameras } from "@/api/cameras";
import type { Clip } from "@/api/kept";
import { duration } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { NoPicture, RecordedPicture } from "@/picture/RecordedPicture";
import { LetGoDialog } from "./LetGoDialog";
import { KeptCameras, playbackOf, rangeWords } from "./keptWords";
import { PlayLink } from "./PlayLink";
import { words } from "./words";

/** One clip: what it is, of when, of which cameras, and whether all of it is there. */
export function ClipCard({ clip, mayDelete }: { clip: Clip; mayDelete: boolean }) {
  const [asking, setAsking] = useState(false);
  return (
    <li className="bg-panel flex flex-col overflow-hidden rounded-lg border">
      <ClipPicture clip={clip} />
      <div className="flex flex-1 flex-col gap-3 p-4">
        <div className="min-w-0">
          <h2 className="truncate font-medium" title={clip.name}>
            {clip.name}
          </h2>
          <p className="text-soft tabular text-[13px]">{rangeWords(clip.from, clip.to)}</p>
        </div>
        <KeptCameras cameras={clip.cameras} />
        {clip.note && <p className="text-soft line-clamp-3 text-[13px] break-words">{clip.note}</p>}
        {clip.tags.length > 0 && (
          <ul aria-label={words.tags} className="flex flex-wrap gap-1">
            {clip.tags.map((tag) => (
              <li key={tag} className="bg-raised text-soft max-w-full truncate rounded px-2 py-0.5 text-[12px]">
                {tag}
              </li>
            ))}
          </ul>
        )}
        <div className="mt-auto flex items-center gap-2">
          <span className="text-faint min-w-0 flex-1 truncate text-[12px]">{words.by(clip.owner)}</span>
          <PlayLink cameras={clip.cameras} from={clip.from} to={clip.to} />
          {mayDelete && (
            <Button
              size="icon"
              variant="ghost"
              className="size-8 max-md:size-11"
              aria-label={words.deleteNamed(clip.name)}
              title={words.delete}
              onClick={() => setAsking(true)}
            >
              <Trash2 />
            </Button>
          )}
        </div>
      </div>
      {asking && (
        <LetGoDialog
          kind="clip"
          id={clip.id}
          title={words.deleteWhat(clip.name)}
          description={words.deleteDetail}
          action={words.deleteClip}
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}

/** How it begins, and how long it is; the way to play it, too. */
function ClipPicture({ clip }: { clip: Clip }) {
  const known = useCameras();
  const camera = clip.cameras.find((c) => c.recordedSeconds !== 0) ?? clip.cameras[0];
  if (!camera) return null;
  const picture = (
    <>
      {camera.recordedSeconds === 0 ? (
        <NoPicture className="size-full" />
      ) : (
        <RecordedPicture cameraId={camera.cameraId} from={clip.from} to={clip.to} className="size-full" />
      )}
      <span className="tabular absolute right-2 bottom-2 rounded bg-black/65 px-1.5 py-0.5 text-[12px] text-white">
        {duration(Date.parse(clip.to) - Date.parse(clip.from))}
      </span>
      {clip.cameras.length > 1 && (
        <span className="absolute bottom-2 left-2 rounded bg-black/65 px-1.5 py-0.5 text-[12px] text-white">
          {words.cameraCount(clip.cameras.length)}
        </span>
      )}
    </>
  );
  const there = clip.cameras.filter((c) => known.data?.some((k) => k.id === c.cameraId));
  if (there.length === 0) return <div className="relative aspect-video">{picture}</div>;
  return (
    // The button below does the same for keyboards and screen readers.
    <Link
      to={playbackOf({ ...clip, cameras: there })}
      tabIndex={-1}
      aria-hidden
      className="group relative block aspect-video"
    >
      {picture}
      <Play className="absolute inset-0 m-auto size-9 fill-white/90 text-white/90 opacity-0 drop-shadow transition-opacity duration-150 group-hover:opacity-100" />
    </Link>
  );
}
