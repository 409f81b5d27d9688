import { Cctv, ChevronLeft, ChevronRight, Maximize, SquareArrowOutUpRight } from "lucide-react";
import { useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { useCameras } from "@/api/cameras";
import { useMay } from "@/api/useMe";
import { useShortcuts } from "@/app/useShortcuts";
import { cn } from "@/components/cn";
import { isSecondWindow, openSecondWindow } from "@/components/secondWindow";
import { ContinueSetUp } from "@/features/setup/ContinueSetUp";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { columnsOf, layoutFor, layouts, pageCount, pageOf, parseLayout, type Layout } from "./layouts";
import { LiveTile } from "./LiveTile";
import { rememberedVolume, rememberVolume } from "@/player/volume";
import { words as pageWords } from "@/components/words";
import { words } from "./words";

/** The wall. Layout, page and enlarged camera stand in the address. */
export function LivePage() {
  const [search, setSearch] = useSearchParams();
  const wall = useRef<HTMLDivElement>(null);
  // One camera is heard at a time.
  const [heard, setHeard] = useState<string | null>(null);
  const [volume, setVolume] = useState(rememberedVolume);
  const cameras = useCameras();
  const mayAdd = useMay()("cameras.write");
  const all = cameras.data ?? [];
  const layout = parseLayout(search.get("layout")) ?? layoutFor(all.length);
  const pages = pageCount(all.length, layout);
  const page = Math.min(Number(search.get("page") ?? 0) || 0, pages - 1);
  const enlarged = all.find((c) => c.id === search.get("camera"));
  const shown = enlarged ? [enlarged] : pageOf(all, layout, page);
  const columns = enlarged ? 1 : columnsOf(layout);

  const change = (values: Record<string, string | null>) =>
    setSearch(
      (current) => {
        for (const [key, value] of Object.entries(values)) {
          if (value === null) current.delete(key);
          else current.set(key, value);
        }
        return current;
      },
      { replace: true },
    );
  const choose = (l: Layout) => change({ layout: String(l), page: null, camera: null });
  const turn = (by: number) => change({ page: String((page + by + pages) % pages), camera: null });
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
    f: fullScreen,
    m: switchSound,
    r: () => pointedAt()?.querySelector<HTMLElement>("[data-action=record]")?.click(),
    s: () => pointedAt()?.querySelector<HTMLElement>("[data-action=save]")?.click(),
    p: () => pointedAt()?.querySelector<HTMLElement>("[data-action=steer]")?.click(),
    ArrowLeft: () => turn(-1),
    ArrowRight: () => turn(1),
    Escape: () => change({ camera: null }),
  });

  if (cameras.isPending)
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
      <div
        className="grid min-h-0 flex-1 gap-0.5 max-md:auto-rows-[56.25vw] max-md:grid-cols-1! max-md:overflow-y-auto md:auto-rows-fr"
        style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
      >
        {shown.map((camera) => (
          <LiveTile
            key={camera.id}
            camera={camera}
            enlarged={enlarged !== undefined || layout === 1}
            onEnlarge={() => change({ camera: enlarged ? null : camera.id })}
            heard={heard === camera.id}
            volume={volume}
            onHear={(on) => setHeard(on ? camera.id : null)}
            onVolume={changeVolume}
          />
        ))}
        {!enlarged &&
          Array.from({ length: layout - shown.length }, (_, i) => (
            <div key={i} className="bg-ground hidden md:block" aria-hidden />
          ))}
      </div>
      <div className="bg-panel flex items-center gap-1 border-t px-2 py-1 md:absolute md:top-2 md:left-1/2 md:-translate-x-1/2 md:rounded-lg md:border md:opacity-0 md:shadow-xl md:transition-opacity md:group-hover/wall:opacity-100 md:focus-within:opacity-100">
        <div role="group" aria-label={words.layout} className="hidden gap-0.5 md:flex">
          {layouts.map((l) => (
            <button
              key={l}
              type="button"
              aria-pressed={!enlarged && layout === l}
              onClick={() => choose(l)}
              className={cn(
                "tabular text-soft hover:bg-raised hover:text-text h-8 w-9 rounded-md text-[13px]",
                !enlarged && layout === l && "bg-raised text-accent",
              )}
            >
              {l}
            </button>
          ))}
        </div>
        {pages > 1 && !enlarged && (
          <div className="flex items-center">
            <Button variant="ghost" size="icon" aria-label={words.previousCameras} onClick={() => turn(-1)}>
              <ChevronLeft />
            </Button>
            <span className="tabular text-soft text-[13px]">{words.page(page + 1, pages)}</span>
            <Button variant="ghost" size="icon" aria-label={words.nextCameras} onClick={() => turn(1)}>
              <ChevronRight />
            </Button>
          </div>
        )}
        {enlarged && (
          <Button variant="ghost" size="sm" onClick={() => change({ camera: null })}>
            {words.backToWall}
          </Button>
        )}
        <Button
          variant="ghost"
          size="icon"
          aria-label={words.fullScreen}
          onClick={fullScreen}
          className="max-md:ml-auto"
        >
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
    </div>
  );
}
