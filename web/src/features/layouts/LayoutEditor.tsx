import { useState, type FormEvent } from "react";
import { useSaveLayout, type LayoutView } from "@/api/layouts";
import { ApiError } from "@/api/problem";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { CancelButton, Dialog } from "@/components/ui/Dialog";
import { TextField } from "@/components/ui/Field";
import { words as pageWords } from "@/components/words";
import {
  allTiles,
  arrangementOf,
  isFree,
  maxSide,
  put,
  refilled,
  requestOf,
  resized,
  seenOf,
  type Arrangement,
} from "./arrangement";
import { CameraShelf } from "./CameraShelf";
import { TileGrid } from "./TileGrid";
import { TileTools } from "./TileTools";
import { words } from "./words";

/** Grids that control rooms ask for: all alike, or one large among small ones. */
const presets = [
  { name: "2 × 2", columns: 2, rows: 2, first: 1 },
  { name: "3 × 3", columns: 3, rows: 3, first: 1 },
  { name: "4 × 4", columns: 4, rows: 4, first: 1 },
  { name: "1 + 5", columns: 3, rows: 3, first: 2 },
  { name: "1 + 7", columns: 4, rows: 4, first: 3 },
  { name: "3 × 2", columns: 3, rows: 2, first: 1 },
] as const;

/** Makes a layout, or changes one: a name, a grid with merged tiles, and a camera in each. */
export function LayoutEditor({
  layout: opened,
  begin,
  cameras,
  onSaved,
  onClose,
}: {
  /** Null: a new one. */
  layout: LayoutView | null;
  /** What a new one begins with: the wall as it is. */
  begin: Arrangement;
  cameras: readonly Camera[];
  onSaved: (id: string) => void;
  onClose: () => void;
}) {
  const mayShare = useMay()("layouts.write");
  // As it was when somebody began to change it: what another changes meanwhile must not be overwritten without a word.
  const [layout] = useState(opened);
  const [name, setName] = useState(layout?.name ?? "");
  const [shared, setShared] = useState(layout?.shared ?? false);
  const [wall, setWall] = useState<Arrangement>(() => (layout ? arrangementOf(layout) : seenOf(begin)));
  const [chosen, setChosen] = useState<{ x: number; y: number }>({ x: 0, y: 0 });
  const [changed, setChanged] = useState(false);
  const [wallChanged, setWallChanged] = useState(false);
  const keepsHidden = wall.tiles.some((t) => t.hidden);
  const save = useSaveLayout(layout?.id ?? null);
  const change = (next: Arrangement | null) => {
    if (!next) return;
    setChanged(true);
    setWallChanged(true);
    setWall(next);
  };
  const resize = (columns: number, rows: number) => {
    const next = resized(wall, columns, rows);
    if (!next) return;
    change(next);
    setChosen({ x: Math.min(chosen.x, columns - 1), y: Math.min(chosen.y, rows - 1) });
  };
  const onPut = (x: number, y: number, cameraId: string | null) => change(put(wall, x, y, cameraId));
  const placed = wall.tiles.flatMap((t) => t.cameraId ?? []);

  function onSubmit(event: FormEvent) {
    event.preventDefault();
    // The server replaces all cells but those that are not seen here.
    const cells = layout === null || wallChanged ? requestOf(wall) : {};
    save.mutate(
      { name: name.trim(), shared, ...cells, ...(layout ? { generation: layout.generation } : {}) },
      { onSuccess: (saved) => onSaved(saved.id) },
    );
  }

  return (
    <Dialog
      title={layout ? words.changeLayout(layout.name) : words.newLayout}
      busy={save.isPending}
      unsaved={changed}
      onClose={onClose}
      className="sm:w-[min(64rem,96vw)]"
    >
      <form onSubmit={onSubmit} className="space-y-4">
        <div className="flex flex-wrap items-start gap-x-6 gap-y-3">
          <TextField
            label={words.name}
            placeholder={words.namePlaceholder}
            className="min-w-48 flex-1"
            value={name}
            onChange={(e) => {
              setChanged(true);
              setName(e.target.value);
            }}
            required
            maxLength={64}
            autoFocus
            error={save.error instanceof ApiError ? save.error.field("name") : undefined}
          />
          <Side label={words.columns} value={wall.columns} onChange={(n) => resize(n, wall.rows)} />
          <Side label={words.rows} value={wall.rows} onChange={(n) => resize(wall.columns, n)} />
          {(mayShare || shared) && (
            <Check
              className="w-full md:mt-5 md:w-56"
              label={words.share}
              hint={shared ? words.shareHint : undefined}
              checked={shared}
              disabled={!mayShare}
              onChange={(e) => {
                setChanged(true);
                setShared(e.target.checked);
              }}
            />
          )}
        </div>
        <div role="group" aria-label={words.presets} className="flex flex-wrap items-center gap-1.5">
          <span className="text-soft mr-1 text-[13px]">{words.presets}</span>
          {presets.map((preset) => (
            <Button
              key={preset.name}
              size="sm"
              className="tabular max-md:h-11"
              disabled={refilled(wall, preset.columns, preset.rows, preset.first) === null}
              onClick={() => {
                change(refilled(wall, preset.columns, preset.rows, preset.first));
                setChosen({ x: 0, y: 0 });
              }}
            >
              {preset.name}
            </Button>
          ))}
        </div>
        <div className="grid gap-4 md:grid-cols-[minmax(0,1fr)_15rem]">
          <div className="space-y-3">
            <TileGrid
              wall={wall}
              cameras={cameras}
              chosen={chosen}
              onChoose={setChosen}
              onPut={onPut}
              onChange={change}
            />
            <TileTools wall={wall} cameras={cameras} chosen={chosen} onPut={onPut} onChange={change} />
          </div>
          <CameraShelf
            cameras={cameras}
            placed={placed}
            onPick={(id) => {
              onPut(chosen.x, chosen.y, id);
              const next = allTiles(put(wall, chosen.x, chosen.y, id)).find(isFree);
              if (next) setChosen({ x: next.x, y: next.y });
            }}
          />
        </div>
        {keepsHidden && <p className="text-soft text-[13px]">{words.hiddenStay}</p>}
        <FormProblem error={save.error} shown={["name"]} />
        <div className="flex justify-end gap-2">
          <CancelButton disabled={save.isPending} />
          <Button type="submit" variant="primary" className="max-md:h-11" disabled={save.isPending}>
            {save.isPending ? pageWords.saving : words.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Side({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }) {
  return (
    <TextField
      label={label}
      type="number"
      className="w-20"
      min={1}
      max={maxSide}
      value={value}
      onChange={(e) => {
        const typed = Math.round(Number(e.target.value));
        if (typed >= 1 && typed <= maxSide) onChange(typed);
      }}
    />
  );
}
