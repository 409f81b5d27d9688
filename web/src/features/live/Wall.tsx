import type { CSSProperties } from "react";
import type { Camera } from "@/api/types";
import { allTiles, isLarge, type Arrangement } from "@/features/layouts/arrangement";
import type { OverPictures } from "@/tracks/shownOverPictures";
import { LiveTile } from "./LiveTile";

/**
 * Each camera in its tile; one that stands elsewhere after a change goes on playing. On a phone one below the other, in the order of reading.
 */
export function Wall({
  arrangement,
  cameras,
  enlarged,
  heard,
  volume,
  onEnlarge,
  onHear,
  onVolume,
  over,
}: {
  arrangement: Arrangement;
  cameras: readonly Camera[];
  /** There is but one, as large as it goes. */
  enlarged: boolean;
  heard: string | null;
  volume: number;
  onEnlarge: (id: string) => void;
  onHear: (id: string | null) => void;
  onVolume: (volume: number) => void;
  over: OverPictures;
}) {
  return (
    <div
      className="grid min-h-0 flex-1 gap-0.5 max-md:auto-rows-[56.25vw] max-md:overflow-y-auto md:grid-cols-[repeat(var(--columns),minmax(0,1fr))] md:grid-rows-[repeat(var(--rows),minmax(0,1fr))]"
      style={{ "--columns": arrangement.columns, "--rows": arrangement.rows } as CSSProperties}
    >
      {allTiles(arrangement).map((tile) => {
        const camera = cameras.find((c) => c.id === tile.cameraId);
        const place = {
          "--column": `${tile.x + 1} / span ${tile.width}`,
          "--row": `${tile.y + 1} / span ${tile.height}`,
        } as CSSProperties;
        if (!camera)
          return (
            <div
              key={`${tile.x},${tile.y}`}
              aria-hidden
              style={place}
              className="bg-ground hidden md:[grid-column:var(--column)] md:[grid-row:var(--row)] md:block"
            />
          );
        return (
          <div
            key={camera.id}
            style={place}
            className="grid min-h-0 min-w-0 md:[grid-column:var(--column)] md:[grid-row:var(--row)]"
          >
            <LiveTile
              camera={camera}
              enlarged={enlarged}
              wish={tile.stream === "auto" && isLarge(tile, arrangement) ? "main" : tile.stream}
              onEnlarge={() => onEnlarge(camera.id)}
              heard={heard === camera.id}
              volume={volume}
              onHear={(on) => onHear(on ? camera.id : null)}
              onVolume={onVolume}
              over={over}
            />
          </div>
        );
      })}
    </div>
  );
}
