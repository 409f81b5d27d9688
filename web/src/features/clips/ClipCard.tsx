import { Trash2 } from "lucide-react";
import { useState } from "react";
import type { Clip } from "@/api/kept";
import { Button } from "@/components/ui/Button";
import { LetGoDialog } from "./LetGoDialog";
import { KeptCameras, rangeWords } from "./keptWords";
import { PlayLink } from "./PlayLink";

/** One clip: what it is, of when, of which cameras, and whether all of it is there. */
export function ClipCard({ clip, mayDelete }: { clip: Clip; mayDelete: boolean }) {
  const [asking, setAsking] = useState(false);
  return (
    <li className="bg-panel flex flex-col gap-3 rounded-lg border p-4">
      <div className="min-w-0">
        <h2 className="truncate font-medium" title={clip.name}>
          {clip.name}
        </h2>
        <p className="text-soft tabular text-[13px]">{rangeWords(clip.from, clip.to)}</p>
      </div>
      <KeptCameras cameras={clip.cameras} />
      {clip.note && <p className="text-soft line-clamp-3 text-[13px] break-words">{clip.note}</p>}
      {clip.tags.length > 0 && (
        <ul aria-label="Tags" className="flex flex-wrap gap-1">
          {clip.tags.map((tag) => (
            <li key={tag} className="bg-raised text-soft max-w-full truncate rounded px-2 py-0.5 text-[12px]">
              {tag}
            </li>
          ))}
        </ul>
      )}
      <div className="mt-auto flex items-center gap-2">
        <span className="text-faint min-w-0 flex-1 truncate text-[12px]">by {clip.owner}</span>
        <PlayLink cameras={clip.cameras} from={clip.from} to={clip.to} />
        {mayDelete && (
          <Button
            size="icon"
            variant="ghost"
            className="size-8 max-md:size-11"
            aria-label={`Delete ${clip.name}`}
            title="Delete"
            onClick={() => setAsking(true)}
          >
            <Trash2 />
          </Button>
        )}
      </div>
      {asking && (
        <LetGoDialog
          kind="clip"
          id={clip.id}
          title={`Delete ${clip.name}?`}
          description="Its footage is then kept only as long as any other: what is older than that is deleted at once."
          action="Delete clip"
          onClose={() => setAsking(false)}
        />
      )}
    </li>
  );
}
