import { ChevronsDown, ChevronsLeft, ChevronsRight, ChevronsUp, type LucideIcon } from "lucide-react";
import type { Camera } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { SelectField } from "@/components/ui/Field";
import { grow, tileAt, tileStreams, type Arrangement, type Tile } from "./arrangement";
import { words } from "./words";

/** What can be done with the chosen tile, without dragging. */
export function TileTools({
  wall,
  cameras,
  chosen,
  onPut,
  onChange,
}: {
  wall: Arrangement;
  cameras: readonly Camera[];
  chosen: { x: number; y: number };
  onPut: (x: number, y: number, cameraId: string | null) => void;
  onChange: (wall: Arrangement | null) => void;
}) {
  const tile = tileAt(wall, chosen.x, chosen.y);
  const sizes: readonly [string, LucideIcon, number, number][] = [
    [words.narrower, ChevronsLeft, -1, 0],
    [words.wider, ChevronsRight, 1, 0],
    [words.lower, ChevronsUp, 0, -1],
    [words.higher, ChevronsDown, 0, 1],
  ];
  return (
    <div className="flex flex-wrap items-end gap-3">
      <SelectField
        label={words.camera}
        className="min-w-40 flex-1"
        value={tile.cameraId ?? ""}
        disabled={tile.hidden === true}
        onChange={(e) => onPut(tile.x, tile.y, e.target.value || null)}
      >
        <option value="">{tile.hidden ? words.outOfSight : words.nothing}</option>
        {tile.cameraId && !cameras.some((c) => c.id === tile.cameraId) && (
          <option value={tile.cameraId}>{words.outOfSight}</option>
        )}
        {cameras.map((camera) => (
          <option key={camera.id} value={camera.id}>
            {camera.name}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={words.stream}
        className="min-w-40 flex-1"
        value={tile.stream}
        disabled={tile.cameraId === null}
        onChange={(e) =>
          onChange({
            ...wall,
            tiles: wall.tiles.map((t) =>
              t.x === tile.x && t.y === tile.y ? { ...t, stream: e.target.value as Tile["stream"] } : t,
            ),
          })
        }
      >
        {tileStreams.map((stream) => (
          <option key={stream} value={stream}>
            {words.streams[stream]}
          </option>
        ))}
      </SelectField>
      <div className="flex items-center gap-1">
        <span className="text-soft tabular mr-1 text-[13px]">{words.spans(tile.width, tile.height)}</span>
        {sizes.map(([label, Icon, columns, rows]) => (
          <Button
            key={label}
            size="icon"
            className="max-md:size-11"
            aria-label={label}
            title={label}
            disabled={grow(wall, tile.x, tile.y, columns, rows) === null}
            onClick={() => onChange(grow(wall, tile.x, tile.y, columns, rows))}
          >
            <Icon />
          </Button>
        ))}
      </div>
      <p className="text-faint w-full text-[12px] max-md:hidden">{words.tileKeys}</p>
    </div>
  );
}
