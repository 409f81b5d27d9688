import { Trash2 } from "lucide-react";
import type { Line, Zone } from "@/api/analytics";
import type { PtzPreset } from "@/api/ptz";
import { Button } from "@/components/ui/Button";
import { Check } from "@/components/ui/Check";
import { SelectField, TextField } from "@/components/ui/Field";
import { RangeField } from "@/components/ui/RangeField";
import { number } from "@/i18n/formats";
import { ClassChoice } from "./ClassChoice";
import type { Shape } from "./draft";
import { faultOf } from "./geometry";
import { formOf } from "./draft";
import { ScheduleFields } from "./ScheduleFields";
import { words } from "./words";

const zoneEvents = ["entered", "left", "loitering"] as const;
const directions = ["both", "in", "out"] as const;

/** What is set of the shape that is selected. */
export function ShapeSettings({
  shape,
  zone,
  line,
  minConfidence,
  presets,
  disabled,
  onZone,
  onLine,
  onRemove,
}: {
  shape: Shape;
  /** It is one. */
  zone: Zone | undefined;
  line: Line | undefined;
  /** Of the camera. */
  minConfidence: number;
  /** Where the camera can be sent. */
  presets: readonly PtzPreset[];
  disabled: boolean;
  /** @param what the step that it belongs to */
  onZone: (change: Partial<Zone>, what: string | null) => void;
  onLine: (change: Partial<Line>, what: string | null) => void;
  onRemove: () => void;
}) {
  const fault = faultOf(shape.spots, formOf[shape.kind]);
  const common = zone ?? line;
  const onCommon = zone ? onZone : onLine;
  return (
    <div className="space-y-4 border-t pt-4">
      {fault && (
        <p role="alert" className="text-alarm text-[13px]">
          {words.faults[fault]}
        </p>
      )}
      {common ? (
        <TextField
          label={words.name}
          value={common.name}
          maxLength={64}
          required
          disabled={disabled}
          error={common.name.trim() === "" ? words.nameNeeded : undefined}
          onChange={(e) => onCommon({ name: e.target.value }, `name ${common.id}`)}
        />
      ) : (
        <p className="text-soft text-[13px]">{words.maskHint}</p>
      )}
      {zone && (
        <fieldset disabled={disabled}>
          <legend className="text-soft text-[13px] font-medium">{words.tells}</legend>
          {zoneEvents.map((event) => (
            <Check
              key={event}
              label={words.zoneEvents[event]}
              checked={zone.events.includes(event)}
              onChange={(e) => {
                const { checked } = e.target;
                onZone({ events: zoneEvents.filter((z) => (z === event ? checked : zone.events.includes(z))) }, null);
              }}
            />
          ))}
          {zone.events.includes("loitering") && (
            <TextField
              label={words.loiterSeconds}
              hint={words.loiterHint}
              type="number"
              min={1}
              max={86400}
              value={zone.loiterSeconds}
              onChange={(e) => e.target.value && onZone({ loiterSeconds: Number(e.target.value) }, `loiter ${zone.id}`)}
            />
          )}
          {zone.events.length === 0 && <p className="text-warn text-[13px]">{words.tellsNothing}</p>}
        </fieldset>
      )}
      {line && (
        <SelectField
          label={words.tells}
          hint={words.directionHint}
          value={line.direction}
          disabled={disabled}
          onChange={(e) => onLine({ direction: e.target.value as Line["direction"] }, null)}
        >
          {directions.map((d) => (
            <option key={d} value={d}>
              {words.directions[d]}
            </option>
          ))}
        </SelectField>
      )}
      {line && (
        <Button
          size="sm"
          className="max-md:h-11"
          disabled={disabled}
          onClick={() => onLine({ points: line.points.toReversed() }, null)}
        >
          {words.turnRound}
        </Button>
      )}
      {common && (
        <>
          <ClassChoice
            label={words.forClasses}
            none={words.asCamera}
            classes={common.classes}
            disabled={disabled}
            onChange={(classes) => onCommon({ classes }, null)}
          />
          <Check
            label={words.ownConfidence}
            hint={words.ownConfidenceHint(number(100 * minConfidence))}
            checked={common.minConfidence !== null}
            disabled={disabled}
            onChange={(e) => onCommon({ minConfidence: e.target.checked ? minConfidence : null }, null)}
          />
          {common.minConfidence !== null && (
            <RangeField
              label={words.minConfidence}
              said={words.percent(number(100 * common.minConfidence))}
              value={common.minConfidence}
              min={0.05}
              max={1}
              step={0.01}
              disabled={disabled}
              onChange={(value) => onCommon({ minConfidence: value }, `confidence ${common.id}`)}
            />
          )}
          <ScheduleFields
            schedule={common.schedule}
            disabled={disabled}
            onChange={(schedule) => onCommon({ schedule }, null)}
          />
          {(presets.length > 0 || common.presets.length > 0) && (
            <Presets
              presets={presets}
              chosen={common.presets}
              disabled={disabled}
              onChange={(next) => onCommon({ presets: next }, null)}
            />
          )}
        </>
      )}
      <Button size="sm" variant="ghost" className="text-alarm max-md:h-11" disabled={disabled} onClick={onRemove}>
        <Trash2 /> {words.remove[shape.kind]}
      </Button>
    </div>
  );
}

/** Where the camera has to stand for it to count. One that the device does not name any more stays until it is taken out. */
function Presets({
  presets,
  chosen,
  disabled,
  onChange,
}: {
  presets: readonly PtzPreset[];
  chosen: readonly string[];
  disabled: boolean;
  onChange: (chosen: string[]) => void;
}) {
  const gone = chosen.filter((id) => !presets.some((p) => p.id === id)).map((id) => ({ id, name: id }));
  return (
    <fieldset disabled={disabled}>
      <legend className="text-soft text-[13px] font-medium">{words.atPresets}</legend>
      {[...presets, ...gone].map(({ id, name }) => (
        <Check
          key={id}
          label={name}
          checked={chosen.includes(id)}
          onChange={(e) => onChange(e.target.checked ? [...chosen, id] : chosen.filter((c) => c !== id))}
        />
      ))}
      <p className="text-faint text-[13px]">{chosen.length === 0 ? words.anyPreset : words.onlyThere}</p>
    </fieldset>
  );
}
