import { useRef, useState, type KeyboardEvent } from "react";
import type { Camera } from "@/api/types";
import { cn } from "@/components/cn";
import { CameraPicture } from "@/components/CameraPicture";
import { allTiles, grow, isFree, tileAt, type Arrangement, type Tile } from "./arrangement";
import { words } from "./words";

/** What is dragged: an id of a camera. */
export const dragType = "text/x-vms-camera";

/** The wall as it will be, with stills. A tile takes a camera that is dropped on it; arrows go about, Shift makes it larger. */
export function TileGrid({
  wall,
  cameras,
  chosen,
  onChoose,
  onPut,
  onChange,
}: {
  wall: Arrangement;
  cameras: readonly Camera[];
  chosen: { x: number; y: number };
  onChoose: (place: { x: number; y: number }) => void;
  onPut: (x: number, y: number, cameraId: string | null) => void;
  onChange: (wall: Arrangement | null) => void;
}) {
  const grid = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState<string | null>(null);
  const tiles = allTiles(wall);
  const current = tileAt(wall, chosen.x, chosen.y);

  const go = (tile: Tile) => {
    onChoose({ x: tile.x, y: tile.y });
    grid.current?.querySelector<HTMLElement>(`[data-place="${tile.x},${tile.y}"]`)?.focus();
  };
  const onKey = (event: KeyboardEvent, tile: Tile) => {
    const steps: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const step = steps[event.key];
    if (step && event.shiftKey) onChange(grow(wall, tile.x, tile.y, ...step));
    else if (step) {
      const x = step[0] > 0 ? tile.x + tile.width : tile.x + step[0];
      const y = step[1] > 0 ? tile.y + tile.height : tile.y + step[1];
      if (x >= 0 && y >= 0 && x < wall.columns && y < wall.rows) go(tileAt(wall, x, y));
    } else if (event.key === "Delete" || event.key === "Backspace") onPut(tile.x, tile.y, null);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={grid}
      role="group"
      aria-label={words.wall}
      className="pictures grid aspect-video gap-1 rounded-md bg-black p-1"
      style={{
        gridTemplateColumns: `repeat(${wall.columns}, minmax(0, 1fr))`,
        gridTemplateRows: `repeat(${wall.rows}, minmax(0, 1fr))`,
      }}
    >
      {tiles.map((tile) => {
        const place = `${tile.x},${tile.y}`;
        const camera = cameras.find((c) => c.id === tile.cameraId);
        const isChosen = tile.x === current.x && tile.y === current.y;
        const name = camera?.name ?? (isFree(tile) ? words.emptyTile : words.outOfSight);
        return (
          <button
            key={place}
            type="button"
            data-place={place}
            aria-pressed={isChosen}
            aria-label={`${words.tile(tile.x + 1, tile.y + 1)}: ${name}`}
            tabIndex={isChosen ? 0 : -1}
            draggable={tile.cameraId !== null}
            onClick={() => onChoose({ x: tile.x, y: tile.y })}
            onKeyDown={(event) => onKey(event, tile)}
            onDragStart={(e) => e.dataTransfer.setData(dragType, tile.cameraId ?? "")}
            onDragOver={(e) => {
              if (!e.dataTransfer.types.includes(dragType)) return;
              e.preventDefault();
              setOver(place);
            }}
            onDragLeave={() => setOver(null)}
            onDrop={(e) => {
              e.preventDefault();
              setOver(null);
              const id = e.dataTransfer.getData(dragType);
              if (id) {
                onPut(tile.x, tile.y, id);
                onChoose({ x: tile.x, y: tile.y });
              }
            }}
            style={{
              gridColumn: `${tile.x + 1} / span ${tile.width}`,
              gridRow: `${tile.y + 1} / span ${tile.height}`,
            }}
            className={cn(
              "bg-panel relative min-h-0 min-w-0 overflow-hidden rounded text-[12px] outline-offset-0",
              isChosen && "ring-accent ring-2",
              over === place && "ring-good ring-2",
            )}
          >
            {camera ? (
              <>
                <CameraPicture camera={camera} className="absolute inset-0 size-full rounded-none" />
                <span className="absolute inset-x-0 bottom-0 truncate bg-black/65 px-1.5 py-0.5 text-left">
                  {camera.name}
                </span>
              </>
            ) : (
              <span className="text-faint">{isFree(tile) ? "" : words.outOfSight}</span>
            )}
          </button>
        );
      })}
    </div>
  );
}
