import { Cctv, LayoutDashboard, Maximize, ScanSearch, SquareArrowOutUpRight, VectorSquare } from "lucide-react";
import { useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useCameras } from "@/api/cameras";
import { useLayouts } from "@/api/layouts";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { useChangeAddress } from "@/app/useChangeAddress";
import { useShortcuts } from "@/app/useShortcuts";
import { cn } from "@/components/cn";
import { isSecondWindow, openSecondWindow } from "@/components/secondWindow";
import { ContinueSetUp } from "@/features/setup/ContinueSetUp";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { arrangementOf, filled } from "@/features/layouts/arrangement";
import { LayoutEditor } from "@/features/layouts/LayoutEditor";
import { firstKey, lastKey, LayoutMenu } from "@/features/layouts/LayoutMenu";
import { words as layoutWords } from "@/features/layouts/words";
import { columnsOf, layoutFor, layouts, pageCount, pageOf, parseLayout, type Layout } from "./layouts";
import { PageTurner } from "./PageTurner";
import { Wall } from "./Wall";
import { useOverPictures, type OverPictures } from "@/tracks/shownOverPictures";
import { words as foundWords } from "@/tracks/words";
import { rememberedVolume, rememberVolume } from "@/player/volume";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

const ids = (cameras: readonly Camera[]) => cameras.map((c) => c.id);

/** The wall: all cameras in pages, or a saved layout. Layout, page, enlarged camera and what is edited stand in the address. */
export function LivePage() {
  const [search] = useSearchParams();
  const change = useChangeAddress();
  const wall = useRef<HTMLDivElement>(null);
  // One camera is heard at a time.
  const [heard, setHeard] = useState<string | null>(null);
  const [volume, setVolume] = useState(rememberedVolume);
  const [over, switchOver] = useOverPictures();
  const cameras = useCameras();
  const may = useMay();
  const mayAdd = may("cameras.write");
  const saved = useLayouts(may("live.view"));
  const [menu, setMenu] = useState(false);
  const all = cameras.data ?? [];
  const layout = parseLayout(search.get("layout")) ?? layoutFor(all.length);
  const pages = pageCount(all.length, layout);
  const page = Math.min(Number(search.get("page") ?? 0) || 0, pages - 1);
  const enlarged = all.find((c) => c.id === search.get("camera"));
  const view = search.get("view");
  const savedLayouts = saved.data ?? [];
  const viewed = savedLayouts.find((l) => l.id === view);
  const paged = pageOf(all, layout, page);
  const automatic = () => filled(columnsOf(layout), columnsOf(layout), ids(paged));
  const arrangement = enlarged ? filled(1, 1, [enlarged.id]) : viewed ? arrangementOf(viewed) : automatic();
  const shown = all.filter((c) => arrangement.tiles.some((t) => t.cameraId === c.id));
  const edited = search.get("edit");

  const choose = (l: Layout) => change({ layout: String(l), page: null, camera: null, view: null });
  const chooseSaved = (id: string | null) => change({ view: id, page: null, camera: null });
  const turn = (by: number) => !viewed && change({ page: String((page + by + pages) % pages), camera: null });
  const fullScreen = () =>
    void (document.fullscreenElement ? document.exitFullscreen() : wall.current?.requestFullscreen());

  const changeVolume = (value: number) => {
    setVolume(value);
    rememberVolume(value);
  };
  /** The tile that is large, pointed at or in focus. */
  const pointedAt = () =>
    wall.current?.querySelector<HTMLElement>(
      shown.length === 1 ? "[data-tile]" : "[data-tile]:hover, [data-tile]:focus-within",
    );
  // Else the one that is heard.
  const switchSound = () => {
    const id = pointedAt()?.dataset["tile"] ?? heard;
    const camera = shown.find((c) => c.id === id);
    if (camera?.streams.some((s) => s.audioCodec)) setHeard(heard === camera.id ? null : camera.id);
  };

  useShortcuts({
    ...Object.fromEntries(layouts.map((l, i) => [String(i + 1), () => choose(l)])),
    ...Object.fromEntries(
      savedLayouts.slice(0, lastKey - firstKey + 1).map(({ id }, i) => [String(firstKey + i), () => chooseSaved(id)]),
    ),
    l: () => setMenu(true),
    f: fullScreen,
    m: switchSound,
    r: () => pointedAt()?.querySelector<HTMLElement>("[data-action=record]")?.click(),
    s: () => pointedAt()?.querySelector<HTMLElement>("[data-action=save]")?.click(),
    b: () => switchOver("boxes"),
    z: () => switchOver("places"),
    p: () => pointedAt()?.querySelector<HTMLElement>("[data-action=steer]")?.click(),
    ArrowLeft: () => turn(-1),
    ArrowRight: () => turn(1),
    Escape: () => change({ camera: null }),
  });

  if (cameras.isPending || (view !== null && saved.isPending))
    return (
      <div
        className="pictures bg-ground grid h-full grid-cols-2 grid-rows-2 gap-0.5"
        role="status"
        aria-label={pageWords.loading}
      >
        {[0, 1, 2, 3].map((i) => (
          <Skeleton key={i} className="rounded-none" />
        ))}
      </div>
    );
  if (cameras.isError && all.length === 0)
    return <QueryError what={pageWords.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (all.length === 0)
    return (
      <EmptyState icon={<Cctv />} title={words.noneYet} detail={mayAdd ? words.noneYetDetail : words.noneYetReader}>
        {mayAdd && (
          <Button asChild variant="primary">
            <Link to="/cameras?edit=new">{words.addCamera}</Link>
          </Button>
        )}
        {mayAdd && <ContinueSetUp />}
      </EmptyState>
    );

  return (
    <div ref={wall} className="pictures group/wall relative flex h-full flex-col bg-black">
      {view !== null && !viewed && saved.isSuccess ? (
        <WallState title={layoutWords.gone} detail={layoutWords.goneDetail} onAll={() => chooseSaved(null)} />
      ) : shown.length === 0 ? (
        <WallState title={layoutWords.empty} detail={layoutWords.emptyDetail} onAll={() => chooseSaved(null)} />
      ) : (
        <Wall
          arrangement={arrangement}
          cameras={shown}
          enlarged={enlarged !== undefined || (!viewed && layout === 1)}
          heard={heard}
          volume={volume}
          onEnlarge={(id) => change({ camera: enlarged ? null : id })}
          onHear={setHeard}
          onVolume={changeVolume}
          over={over}
        />
      )}
      <div className="bg-panel flex items-center gap-1 border-t px-2 py-1 md:absolute md:top-2 md:left-1/2 md:-translate-x-1/2 md:rounded-lg md:border md:opacity-0 md:shadow-xl md:transition-opacity md:group-hover/wall:opacity-100 md:focus-within:opacity-100 md:has-data-[state=open]:opacity-100">
        <div role="group" aria-label={words.layout} className="hidden gap-0.5 md:flex">
          {layouts.map((l) => (
            <button
              key={l}
              type="button"
              aria-pressed={!enlarged && !viewed && layout === l}
              onClick={() => choose(l)}
              className={cn(
                "tabular text-soft hover:bg-raised hover:text-text h-8 w-9 rounded-md text-[13px]",
                !enlarged && !viewed && layout === l && "bg-raised text-accent",
              )}
            >
              {l}
            </button>
          ))}
        </div>
        <LayoutMenu
          layouts={savedLayouts}
          shown={viewed}
          open={menu}
          onOpenChange={setMenu}
          onChoose={chooseSaved}
          onEdit={(id) => change({ edit: id })}
        />
        {pages > 1 && !enlarged && !viewed && <PageTurner page={page} pages={pages} onTurn={turn} />}
        {enlarged && (
          <Button variant="ghost" size="sm" onClick={() => change({ camera: null })}>
            {words.backToWall}
          </Button>
        )}
        {mayAdd && <ContinueSetUp size="sm" />}
        <OverSwitch part="boxes" over={over} onSwitch={switchOver} className="max-md:ml-auto" />
        <OverSwitch part="places" over={over} onSwitch={switchOver} />
        <Button variant="ghost" size="icon" aria-label={words.fullScreen} onClick={fullScreen}>
          <Maximize />
        </Button>
        {!isSecondWindow() && (
          <Button
            variant="ghost"
            size="icon"
            aria-label={words.newWindow}
            title={words.newWindow}
            onClick={() => void openSecondWindow(location.pathname + location.search)}
            className="max-md:hidden"
          >
            <SquareArrowOutUpRight />
          </Button>
        )}
      </div>
      {edited !== null && (edited === "new" || edited === viewed?.id) && (
        <LayoutEditor
          key={edited}
          layout={edited === "new" ? null : (viewed ?? null)}
          begin={viewed ? arrangementOf(viewed) : automatic()}
          cameras={all}
          onSaved={(id) => change({ edit: null, view: id, camera: null })}
          onClose={() => change({ edit: null })}
        />
      )}
    </div>
  );
}

const overSwitches = {
  boxes: { icon: ScanSearch, label: () => foundWords.showBoxes },
  places: { icon: VectorSquare, label: () => foundWords.showPlaces },
};

/** Shows something over all pictures, or no longer. */
function OverSwitch({
  part,
  over,
  onSwitch,
  className,
}: {
  part: keyof OverPictures;
  over: OverPictures;
  onSwitch: (part: keyof OverPictures) => void;
  className?: string;
}) {
  const { icon: Icon, label } = overSwitches[part];
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={label()}
      title={label()}
      aria-pressed={over[part]}
      onClick={() => onSwitch(part)}
      className={cn("max-md:size-11", over[part] && "bg-raised text-accent", className)}
    >
      <Icon />
    </Button>
  );
}

function WallState({ title, detail, onAll }: { title: string; detail: string; onAll: () => void }) {
  return (
    <div className="min-h-0 flex-1">
      <EmptyState icon={<LayoutDashboard />} title={title} detail={detail}>
        <Button onClick={onAll}>{layoutWords.allCameras}</Button>
      </EmptyState>
    </div>
  );
}
