import { useState } from "react";
import type { Box } from "@/api/exports";
import type { Camera } from "@/api/types";
import { TextField } from "@/components/ui/Field";
import type { Span } from "@/timeline/footage";
import { FaceCoverage } from "./FaceCoverage";
import { MaskEditor } from "./MaskEditor";
import { words } from "./words";

export interface BurnInChoice {
  time: boolean;
  text: string;
  /** Heads of people are hidden where analysis found them. */
  faces: boolean;
  /** By camera; none has no boxes. */
  masks: ReadonlyMap<string, Box[]>;
}

export const nothingBurntIn: BurnInChoice = { time: false, text: "", faces: false, masks: new Map() };

/** The server burns no longer line in. */
const longestText = 120;

/** What is put into the pictures themselves, and seen by whoever watches them. */
export function BurnInFields({
  cameras,
  range,
  value,
  onChange,
}: {
  cameras: readonly Camera[];
  range: Span;
  value: BurnInChoice;
  onChange: (value: BurnInChoice) => void;
}) {
  const [burns, setBurns] = useState(false);
  const [hides, setHides] = useState(false);
  const setBoxes = (camera: Camera, boxes: Box[]) => {
    const masks = new Map(value.masks);
    if (boxes.length > 0) masks.set(camera.id, boxes);
    else masks.delete(camera.id);
    onChange({ ...value, masks });
  };

  return (
    <fieldset className="space-y-3">
      <legend className="sr-only">{words.burnIn}</legend>
      <Switch
        label={words.burnInWhat}
        checked={burns}
        onChange={(on) => {
          setBurns(on);
          if (on) return;
          setHides(false);
          onChange(nothingBurntIn);
        }}
      />
      {burns && (
        <div className="space-y-3 border-l pl-4">
          <Switch label={words.time} checked={value.time} onChange={(time) => onChange({ ...value, time })} />
          <TextField
            label={words.text}
            value={value.text}
            maxLength={longestText}
            placeholder={words.textExample}
            onChange={(e) => onChange({ ...value, text: e.target.value })}
          />
          <Switch label={words.hideFaces} checked={value.faces} onChange={(faces) => onChange({ ...value, faces })} />
          {value.faces && <FaceCoverage cameras={cameras} range={range} />}
          <Switch
            label={words.hideAreas}
            checked={hides}
            onChange={(on) => {
              setHides(on);
              if (!on) onChange({ ...value, masks: new Map() });
            }}
          />
          {hides &&
            cameras.map((camera) => (
              <MaskEditor
                key={camera.id}
                camera={camera}
                boxes={value.masks.get(camera.id) ?? []}
                onChange={(boxes) => setBoxes(camera, boxes)}
              />
            ))}
        </div>
      )}
    </fieldset>
  );
}

function Switch({ label, checked, onChange }: { label: string; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className="flex min-h-9 items-center gap-2 max-md:min-h-11">
      <input
        type="checkbox"
        className="accent-accent size-4 shrink-0"
        checked={checked}
        onChange={(e) => onChange(e.target.checked)}
      />
      {label}
    </label>
  );
}
