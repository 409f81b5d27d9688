import { Bookmark, Clapperboard, Link2, Lock, PlaySquare } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { toast } from "sonner";
import type { KeptKind } from "@/api/kept";
import type { Camera } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { copyText } from "@/components/copyText";
import { Button } from "@/components/ui/Button";
import { ExportButton } from "@/features/exports/ExportButton";
import { KeepDialog, type KeepWish } from "@/features/playback/KeepDialog";
import { playbackOf, spanOf } from "./moment";
import { words } from "./words";

/** What can be done with the footage of a moment. */
export function EventActions({ camera, at, endAt }: { camera: Camera | undefined; at: string; endAt: string | null }) {
  const mayFor = useMayFor();
  const [wish, setWish] = useState<KeepWish | null>(null);
  const may = (permission: Parameters<typeof mayFor>[0]) => camera !== undefined && mayFor(permission, camera);
  // As long as the page is open: a dialog does not change under somebody's hands.
  const [span] = useState(() => spanOf({ at, endAt }, Date.now()));
  const moment = Date.parse(at);
  const keep = (kind: KeptKind) => setWish({ kind, span: kind === "bookmark" ? { from: moment, to: moment } : span });
  const copy = () =>
    void copyText(window.location.href).then((done) =>
      done ? toast(words.linkCopied) : toast.error(words.linkNotCopied),
    );
  return (
    <div className="flex flex-wrap gap-2">
      {camera && may("recordings.read") && (
        <Button asChild size="sm" className="max-md:h-11">
          <Link to={playbackOf(camera.id, at)}>
            <PlaySquare /> {words.openInPlayback}
          </Link>
        </Button>
      )}
      {may("bookmarks.write") && (
        <Button size="sm" className="max-md:h-11" onClick={() => keep("bookmark")}>
          <Bookmark /> {words.bookmark}
        </Button>
      )}
      {may("clips.write") && (
        <Button size="sm" className="max-md:h-11" onClick={() => keep("clip")}>
          <Clapperboard /> {words.clip}
        </Button>
      )}
      {may("recordings.hold") && (
        <Button size="sm" className="max-md:h-11" onClick={() => keep("hold")} title={words.holdTitle}>
          <Lock /> {words.hold}
        </Button>
      )}
      {camera && may("recordings.export") && <ExportButton cameras={[camera]} range={span} />}
      <Button size="sm" variant="ghost" className="max-md:h-11" onClick={copy}>
        <Link2 /> {words.copyLink}
      </Button>
      {wish && camera && <KeepDialog wish={wish} cameras={[camera]} active={camera} onClose={() => setWish(null)} />}
    </div>
  );
}
