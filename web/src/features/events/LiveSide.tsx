import { Cctv, Lock } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import type { useCameras } from "@/api/cameras";
import { useLayouts } from "@/api/layouts";
import { useMay } from "@/api/useMe";
import { useChangeAddress } from "@/app/useChangeAddress";
import { useShortcuts } from "@/app/useShortcuts";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { words as pageWords } from "@/components/words";
import { arrangementOf, filled } from "@/features/layouts/arrangement";
import { columnsOf, layoutFor, pageCount, pageOf } from "@/features/live/layouts";
import { PageTurner } from "@/features/live/PageTurner";
import { Wall } from "@/features/live/Wall";
import { rememberedVolume, rememberVolume } from "@/player/volume";
import { useOverPictures } from "@/tracks/shownOverPictures";
import { words } from "./words";

/** As many as fit beside a list. */
const mostTiles = 9;

/** The wall, or one camera of it where there is no room for more. What it shows stands in the address: `?view=LAYOUT`, `?page=N`, `?camera=ID`. */
export function LiveSide({ cameras, wide }: { cameras: ReturnType<typeof useCameras>; wide: boolean }) {
  const [search] = useSearchParams();
  const change = useChangeAddress();
  const mayWatch = useMay()("live.view");
  const saved = useLayouts(mayWatch).data ?? [];
  const [heard, setHeard] = useState<string | null>(null);
  const [volume, setVolume] = useState(rememberedVolume);
  const [over, switchOver] = useOverPictures();
  useShortcuts({ b: () => switchOver("boxes"), z: () => switchOver("places") });
  const all = cameras.data ?? [];
  if (!mayWatch) return <EmptyState icon={<Lock />} title={words.mayNotWatch} detail={words.mayNotWatchDetail} />;
  if (cameras.isPending) return <Skeleton className="h-full min-h-56 rounded-none" />;
  if (cameras.isError && all.length === 0)
    return <QueryError what={pageWords.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (all.length === 0) return <EmptyState icon={<Cctv />} title={words.noCameras} detail={words.noCamerasDetail} />;

  const layout = layoutFor(Math.min(all.length, mostTiles));
  const pages = pageCount(all.length, layout);
  const page = Math.min(Number(search.get("page") ?? 0) || 0, pages - 1);
  const viewed = saved.find((l) => l.id === search.get("view"));
  const large = all.find((c) => c.id === search.get("camera"));
  const single = wide ? large : (large ?? all[0]);
  const columns = columnsOf(layout);
  const arrangement = single
    ? filled(1, 1, [single.id])
    : viewed
      ? arrangementOf(viewed)
      : filled(
          columns,
          columns,
          pageOf(all, layout, page).map((c) => c.id),
        );
  const shown = all.filter((c) => arrangement.tiles.some((t) => t.cameraId === c.id));
  const turn = (by: number) => change({ page: String((page + by + pages) % pages) });
  const select = "bg-raised h-8 max-w-56 rounded-md border px-2 text-[13px] max-lg:h-11";

  return (
    <div className="flex h-full flex-col">
      <Wall
        arrangement={arrangement}
        cameras={shown}
        enlarged={single !== undefined}
        heard={heard}
        volume={volume}
        onEnlarge={(id) => wide && change({ camera: single ? null : id })}
        onHear={setHeard}
        onVolume={(loud) => {
          setVolume(loud);
          rememberVolume(loud);
        }}
        over={over}
      />
      <div className="bg-panel flex items-center gap-2 border-t px-2 py-1 empty:hidden">
        {wide ? (
          <>
            {saved.length > 0 && (
              <select
                aria-label={words.wall}
                value={viewed?.id ?? ""}
                onChange={(e) => change({ view: e.target.value || null, camera: null, page: null })}
                className={select}
              >
                <option value="">{words.allCameras}</option>
                {saved.map((l) => (
                  <option key={l.id} value={l.id}>
                    {l.name}
                  </option>
                ))}
              </select>
            )}
            {single && (
              <Button size="sm" variant="ghost" onClick={() => change({ camera: null })}>
                {words.backToWall}
              </Button>
            )}
            {pages > 1 && !viewed && !single && (
              <div className="ml-auto">
                <PageTurner page={page} pages={pages} onTurn={turn} />
              </div>
            )}
          </>
        ) : (
          <select
            aria-label={words.camera}
            value={single?.id}
            onChange={(e) => change({ camera: e.target.value })}
            className={select}
          >
            {all.map((c) => (
              <option key={c.id} value={c.id}>
                {c.name}
              </option>
            ))}
          </select>
        )}
      </div>
    </div>
  );
}
