import { Bookmark, Clapperboard, Download, Link2, Lock, SquareArrowOutUpRight, X } from "lucide-react";
import type { KeptKind } from "@/api/kept";
import { useState } from "react";
import { toast } from "sonner";
import type { Camera, Permission } from "@/api/types";
import { problemOf } from "@/api/problem";
import { cn } from "@/components/cn";
import { isSecondWindow, openSecondWindow } from "@/components/secondWindow";
import { clock } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { ExportButton } from "@/features/exports/ExportButton";
import { useCell, type Cell } from "@/timeline/cell";
import type { Span } from "@/timeline/footage";
import { hour, second } from "@/timeline/scale";
import { clipSize, exactLength, recordedIn } from "./clipSize";
import { FetchButton } from "./FetchButton";
import type { Fetching } from "./useFetching";
import { copyText } from "@/components/copyText";
import { clipUrl, useRangeFootage } from "./queries";
import type { PlaybackActions } from "./usePlayback";
import { words } from "./words";

/** Shorter ones are not fetched. */
const shortestHole = 2 * second;

/** The server makes no longer clip. */
const longestClip = 25 * hour;

/** Start and end of a range, and what can be done with it. Renders while an end is dragged, and nothing else does. */
export function RangeBar({
  camera,
  cameras,
  range,
  actions,
  linkHere,
  zone,
  may,
  fetching,
  onBookmark,
  onKeep,
}: {
  camera: Camera;
  cameras: readonly Camera[];
  range: Cell<Span | null>;
  actions: PlaybackActions;
  linkHere: () => string;
  zone: string;
  may: (permission: Permission) => boolean;
  fetching: Fetching;
  onBookmark: () => void;
  onKeep: (kind: KeptKind, span: Span) => void;
}) {
  const chosen = useCell(range, (r) => r);
  const copy = () =>
    void copyText(linkHere()).then((done) => (done ? toast(words.linkCopied) : toast.error(words.linkNotCopied)));
  return (
    <div className="text-soft mt-1.5 flex min-h-9 flex-wrap items-center gap-x-2 gap-y-1 text-[13px]">
      {chosen ? (
        <Chosen
          camera={camera}
          cameras={cameras}
          range={chosen}
          actions={actions}
          may={may}
          fetching={fetching}
          onKeep={(kind) => onKeep(kind, chosen)}
          onClear={() => range.set(null)}
        />
      ) : (
        <>
          <Button
            size="sm"
            variant="ghost"
            className="max-md:h-11"
            onClick={actions.startRange}
            title={words.selectFromHere}
          >
            {words.selectRange}
          </Button>
          {may("bookmarks.write") && (
            <Button size="sm" variant="ghost" className="max-md:h-11" onClick={onBookmark} title={words.bookmarkHere}>
              <Bookmark /> {words.bookmark}
            </Button>
          )}
          <span className="text-faint hidden md:inline">{words.howToSelect}</span>
        </>
      )}
      <Button
        size="sm"
        variant="ghost"
        className="ml-auto max-md:order-1 max-md:h-11 max-md:px-2.5"
        title={words.copyLinkTitle}
        onClick={copy}
      >
        <Link2 /> <span className={chosen ? "max-md:sr-only" : undefined}>{words.copyLink}</span>
      </Button>
      {!isSecondWindow() && (
        <Button
          size="sm"
          variant="ghost"
          className="px-2 max-md:hidden"
          aria-label={words.newWindow}
          title={words.newWindow}
          onClick={() => void openSecondWindow(linkHere())}
        >
          <SquareArrowOutUpRight />
        </Button>
      )}
      <span className="text-faint hidden md:inline" title={words.zoneTitle}>
        {zone}
      </span>
    </div>
  );
}

function Chosen({
  camera,
  cameras,
  range,
  actions,
  may,
  fetching,
  onKeep,
  onClear,
}: {
  camera: Camera;
  cameras: readonly Camera[];
  range: Span;
  actions: PlaybackActions;
  may: (permission: Permission) => boolean;
  fetching: Fetching;
  onKeep: (kind: KeptKind) => void;
  onClear: () => void;
}) {
  const [error, setError] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const footage = useRangeFootage(camera.id, range);
  const recorded = footage ? recordedIn(footage.recordings, range) : range.to - range.from;
  const missing = range.to - range.from - recorded;
  const size = clipSize(recorded, camera.streams.find((s) => s.name === "main")?.bitrateBps);
  const trouble =
    range.to - range.from > longestClip ? words.clipTooLong : recorded === 0 ? words.nothingInRange : null;

  async function download() {
    setError(null);
    setAsking(true);
    try {
      const url = await clipUrl(camera.id, range);
      // A browser that saves an error as a video helps nobody.
      const answer = await fetch(url, { headers: { range: "bytes=0-0" } });
      if (!answer.ok) throw new Error((await problemOf(answer)).title);
      await answer.body?.cancel();
      const link = document.createElement("a");
      link.href = url;
      link.download = "";
      link.click();
      toast(words.downloading(camera.name));
    } catch (e) {
      setError(e instanceof Error ? e.message : words.noClip);
    } finally {
      setAsking(false);
    }
  }

  return (
    <>
      <span className="tabular text-text">
        {clock(range.from)} – {clock(range.to)}
      </span>
      <span className="tabular">
        {exactLength(range.to - range.from)}
        {recorded > 0 && size && `, ${size}`}
      </span>
      {recorded > 0 && missing > 1_000 && <span className="text-warn">{words.ofItMissing(exactLength(missing))}</span>}
      <FetchButton camera={camera} span={missing > shortestHole ? range : null} fetching={fetching} />
      <span className="flex flex-wrap items-center gap-1 max-md:order-2 max-md:w-full">
        <Button size="sm" variant="ghost" className="max-md:h-11 max-md:px-2" title="[" onClick={actions.startRange}>
          {words.startHere}
        </Button>
        <Button size="sm" variant="ghost" className="max-md:h-11 max-md:px-2" title="]" onClick={actions.endRange}>
          {words.endHere}
        </Button>
        <Button
          size="sm"
          variant="primary"
          className="max-md:h-11"
          disabled={trouble !== null || asking}
          onClick={() => void download()}
        >
          <Download /> {words.download}
        </Button>
        <ExportButton cameras={cameras} range={range} />
        {may("clips.write") && (
          <Button size="sm" className="max-md:h-11" disabled={trouble !== null} onClick={() => onKeep("clip")}>
            <Clapperboard /> {words.saveClip}
          </Button>
        )}
        {may("bookmarks.write") && (
          <Button
            size="sm"
            variant="ghost"
            className="max-md:h-11 max-md:px-2"
            title="B"
            onClick={() => onKeep("bookmark")}
          >
            <Bookmark /> {words.bookmark}
          </Button>
        )}
        {may("recordings.hold") && (
          <Button
            size="sm"
            variant="ghost"
            className="max-md:h-11 max-md:px-2"
            title={words.holdTitle}
            onClick={() => onKeep("hold")}
          >
            <Lock /> {words.hold}
          </Button>
        )}
        <Button
          size="sm"
          variant="ghost"
          className="px-2 max-md:h-11 max-md:w-11"
          aria-label={words.clearRange}
          title={words.clearRangeKey}
          onClick={onClear}
        >
          <X />
        </Button>
      </span>
      {(error ?? trouble) && (
        <span role="alert" className={cn("max-md:order-3", error ? "text-alarm" : "text-warn")}>
          {error ?? trouble}
        </span>
      )}
    </>
  );
}
