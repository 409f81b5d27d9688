import { useEffect, useState } from "react";
import { useBlocker, useSearchParams } from "react-router";
import { useDevice } from "@/api/device";
import { usePresets } from "@/api/ptz";
import type { Camera } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { FormProblem } from "@/components/FormProblem";
import { Button } from "@/components/ui/Button";
import { AnalysisState } from "./AnalysisState";
import {
  formOf,
  freeName,
  shapesOf,
  withLine,
  withoutShape,
  withShape,
  withSpots,
  withZone,
  type Draft,
  type Kind,
  type Shape,
} from "./draft";
import { faultOf, type Spot } from "./geometry";
import { ShapeList } from "./ShapeList";
import { ShapeSettings } from "./ShapeSettings";
import { ShapeTrial } from "./ShapeTrial";
import { Stage } from "./Stage";
import { useDraft } from "./useDraft";
import { EffortSettings, ObjectSettings } from "./WatchSettings";
import { words } from "./words";

/** Picture and settings beside each other; nothing counts until it is saved. */
export function AnalyticsEditor({ camera }: { camera: Camera }) {
  const [search, setSearch] = useSearchParams();
  const edit = useDraft(camera);
  const { draft, change } = edit;
  const [sizeHeld, setSizeHeld] = useState(false);
  const mayFor = useMayFor();
  const disabled = !mayFor("cameras.write", camera);
  const steered = useDevice(camera.id).data?.can?.ptz ?? false;
  const presets = usePresets(camera.id, steered && mayFor("ptz.control", camera)).data ?? [];

  const shapes = shapesOf(draft);
  const selected = shapes.find((s) => s.id === search.get("shape"));
  const zone = draft.zones.find((z) => z.id === selected?.id);
  const line = draft.lines.find((l) => l.id === selected?.id);
  const settings = zone ?? line;
  const select = (id: string | null) =>
    setSearch(
      (now) => {
        if (id === null) now.delete("shape");
        else now.set("shape", id);
        return now;
      },
      { replace: true, preventScrollReset: true },
    );

  const onAdd = (kind: Kind, spots: Spot[]) => {
    const [next, id] = withShape(draft, kind, spots, freeName(draft, kind, words.shapeOf[kind]), newId());
    change(next);
    select(id);
    focusShape(id);
  };
  const onSpots = (shape: Shape, spots: Spot[], what: string | null) => change(withSpots(draft, shape, spots), what);
  const onRemove = (shape: Shape) => {
    change(withoutShape(draft, shape));
    select(null);
  };
  const onSetting = (part: Partial<Draft>, what: string | null) => change({ ...draft, ...part }, what);

  const faulty = shapes.some((s) => faultOf(s.spots, formOf[s.kind]) !== null || s.name?.trim() === "");
  useUndoKeys(edit.undo, edit.redo);
  const leaving = useStay(edit.unsaved);
  const stream = draft.stream === "main" || camera.subUrl === null ? "main" : "sub";
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-x-6 gap-y-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
      {/* It stays in sight while something is set that is seen on it. */}
      <div className="bg-ground z-10 pb-2 lg:sticky lg:top-4 max-lg:portrait:sticky max-lg:portrait:top-0">
        <Stage
          // Another stream is another picture.
          key={stream}
          camera={camera}
          shapes={shapes}
          selectedId={selected?.id ?? null}
          stream={stream}
          leastHeight={sizeHeld && draft.minSize > 0 ? draft.minSize : null}
          disabled={disabled}
          canUndo={edit.canUndo}
          canRedo={edit.canRedo}
          onUndo={edit.undo}
          onRedo={edit.redo}
          onSelect={select}
          onSpots={onSpots}
          onRemove={onRemove}
          onAdd={onAdd}
        />
      </div>
      <div className="space-y-4">
        <section className="bg-panel space-y-4 rounded-lg border p-4" aria-label={words.state}>
          <label className="flex min-h-8 items-center justify-between gap-3 font-medium max-md:min-h-11">
            {words.enabled}
            <input
              type="checkbox"
              role="switch"
              checked={draft.enabled}
              disabled={disabled}
              onChange={(e) => onSetting({ enabled: e.target.checked }, null)}
              className="accent-accent size-5"
            />
          </label>
          <AnalysisState camera={camera} />
          {disabled && <p className="text-soft text-[13px]">{words.readOnly}</p>}
        </section>
        <section className="bg-panel space-y-4 rounded-lg border p-4" aria-label={words.shapes}>
          <h2 className="font-semibold">{words.shapes}</h2>
          <ShapeList shapes={shapes} selectedId={selected?.id ?? null} onSelect={select} />
          {selected && (
            <ShapeSettings
              key={selected.id}
              shape={selected}
              zone={zone}
              line={line}
              minConfidence={draft.minConfidence}
              presets={presets}
              disabled={disabled}
              onZone={(part, what) => change(withZone(draft, selected.id, part), what)}
              onLine={(part, what) => change(withLine(draft, selected.id, part), what)}
              onRemove={() => onRemove(selected)}
            />
          )}
          {selected && settings && !disabled && (
            <ShapeTrial key={`try ${selected.id}`} camera={camera} draft={draft} shape={selected} settings={settings} />
          )}
        </section>
        <section className="bg-panel space-y-4 rounded-lg border p-4" aria-label={words.objects}>
          <h2 className="font-semibold">{words.objects}</h2>
          <ObjectSettings draft={draft} disabled={disabled} onChange={onSetting} onHoldSize={setSizeHeld} />
        </section>
        <section className="bg-panel space-y-4 rounded-lg border p-4" aria-label={words.effort}>
          <h2 className="font-semibold">{words.effort}</h2>
          <EffortSettings camera={camera} draft={draft} disabled={disabled} onChange={onSetting} />
        </section>
      </div>
      {(edit.unsaved || edit.error) && (
        <div className="bg-panel sticky bottom-0 z-20 -mx-4 -mb-4 space-y-2 border-t px-4 py-3 md:-mx-6 md:px-6 lg:col-span-2">
          {edit.isConflict ? (
            <p role="alert" className="text-warn text-[13px]">
              {words.conflict}
            </p>
          ) : (
            <FormProblem error={edit.error} />
          )}
          <div className="flex flex-wrap items-center justify-end gap-2">
            <p className="text-soft mr-auto text-[13px]">{faulty ? words.faulty : words.unsaved}</p>
            <Button variant="ghost" className="max-md:h-11" disabled={edit.saving} onClick={edit.discard}>
              {edit.isConflict ? words.takeTheirs : words.discard}
            </Button>
            <Button
              variant="primary"
              className="max-md:h-11"
              disabled={edit.saving || faulty}
              onClick={edit.isConflict ? edit.saveAnyway : edit.save}
            >
              {edit.saving ? words.saving : edit.isConflict ? words.saveAnyway : words.save}
            </Button>
          </div>
        </div>
      )}
      {leaving.state === "blocked" && (
        <ConfirmDialog
          title={words.leave}
          description={words.leaveDetail}
          action={words.leaveAction}
          error={null}
          busy={false}
          onConfirm={() => leaving.proceed()}
          onClose={() => leaving.reset()}
        />
      )}
    </div>
  );
}

/** No other has it: what is drawn keeps it when it is saved. */
const newId = () => `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;

const focusShape = (id: string) =>
  requestAnimationFrame(() =>
    document.querySelector<SVGElement>(`[data-shape="${id}"][data-point="0"]`)?.focus({ preventScroll: true }),
  );

/** Ctrl+Z, and Ctrl+Shift+Z or Ctrl+Y; in a field they are the browser's. */
function useUndoKeys(undo: () => void, redo: () => void) {
  useEffect(() => {
    const onKey = (e: globalThis.KeyboardEvent) => {
      if (!(e.ctrlKey || e.metaKey) || e.altKey) return;
      if ((e.target as HTMLElement).closest("input:not([type=range]):not([type=checkbox]), select, [role=dialog]"))
        return;
      const key = e.key.toLowerCase();
      if (key === "z" && !e.shiftKey) undo();
      else if (key === "y" || key === "z") redo();
      else return;
      e.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [undo, redo]);
}

/** Asks before the page is left with something unsaved; the browser asks where it is closed. */
function useStay(unsaved: boolean) {
  useEffect(() => {
    if (!unsaved) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [unsaved]);
  return useBlocker(
    ({ currentLocation, nextLocation }) => unsaved && currentLocation.pathname !== nextLocation.pathname,
  );
}
