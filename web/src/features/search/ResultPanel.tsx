import { ChevronDown, ChevronUp, ExternalLink, VideoOff, X } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import type { DetectionView } from "@/api/detections";
import type { Camera } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { EmptyState } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { MomentFrame } from "@/features/playback/MomentFrame";
import { MomentPlayback } from "@/features/playback/MomentPlayback";
import { DeleteDetectionDialog } from "./DeleteDetectionDialog";
import { DetectionFacts } from "./DetectionFacts";
import { DetectionStill } from "./DetectionPicture";
import { leadMs, momentOf, nameOf, playbackOf } from "./detection";
import { ReviewButtons } from "./ReviewButtons";
import { words } from "./words";

/** Beside the list: plays the moment, and says all that is known of the object. On a phone it lies over the page. */
export function ResultPanel({
  detection,
  camera,
  onNext,
  onPrevious,
  onGone,
  onClose,
}: {
  detection: DetectionView;
  camera: Camera | undefined;
  /** Null: it is the last one. */
  onNext: (() => void) | null;
  onPrevious: (() => void) | null;
  /** It was deleted. */
  onGone: () => void;
  onClose: () => void;
}) {
  const may = useMayFor();
  const [deleting, setDeleting] = useState(false);
  return (
    <aside
      aria-label={words.result}
      className="bg-panel flex shrink-0 flex-col overflow-y-auto max-lg:fixed max-lg:inset-0 max-lg:z-30 lg:w-[28rem] lg:border-l"
    >
      <header className="bg-panel sticky top-0 z-10 flex items-center gap-1 border-b py-1.5 pr-1.5 pl-4">
        <h2 className="min-w-0 flex-1 truncate font-semibold">{nameOf(detection)}</h2>
        <Step label={words.previous} onClick={onPrevious}>
          <ChevronUp />
        </Step>
        <Step label={words.next} onClick={onNext}>
          <ChevronDown />
        </Step>
        <Step label={words.close} onClick={onClose}>
          <X />
        </Step>
      </header>
      <div className="@container space-y-4 p-4">
        {camera ? (
          may("recordings.read", camera) ? (
            <MomentFrame>
              <MomentPlayback camera={camera} moment={momentOf(detection)} leadMs={leadMs} />
            </MomentFrame>
          ) : (
            <p className="text-soft rounded-lg border p-4 text-center text-[13px]">{words.mayNotPlay}</p>
          )
        ) : (
          <EmptyState icon={<VideoOff />} title={words.goneCamera} detail={words.goneCameraDetail} />
        )}
        <div className="flex flex-wrap gap-2">
          {camera && may("recordings.read", camera) && (
            <Button asChild size="sm" className="max-md:h-11">
              <Link to={playbackOf(detection)}>
                <ExternalLink /> {words.openInPlayback}
              </Link>
            </Button>
          )}
          {(!camera || may("detections.write", camera)) && (
            <ReviewButtons detection={detection} onDelete={() => setDeleting(true)} />
          )}
        </div>
        <DetectionStill detection={detection} camera={camera} exact className="rounded-lg" />
        <DetectionFacts detection={detection} />
      </div>
      {deleting && <DeleteDetectionDialog detection={detection} onGone={onGone} onClose={() => setDeleting(false)} />}
    </aside>
  );
}

function Step({
  label,
  onClick,
  children,
}: {
  label: string;
  onClick: (() => void) | null;
  children: React.ReactNode;
}) {
  return (
    <Button
      variant="ghost"
      size="icon"
      className="max-md:size-11"
      aria-label={label}
      title={label}
      disabled={!onClick}
      onClick={() => onClick?.()}
    >
      {children}
    </Button>
  );
}
