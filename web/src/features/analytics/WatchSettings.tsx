import type { Camera } from "@/api/types";
import { Check } from "@/components/ui/Check";
import { SelectField, TextField } from "@/components/ui/Field";
import { RangeField } from "@/components/ui/RangeField";
import { number } from "@/i18n/formats";
import { ClassChoice } from "./ClassChoice";
import type { Draft } from "./draft";
import { ModelField } from "./ModelField";
import { words } from "./words";

/** @param what the step that the change belongs to, see `history.ts` */
type Change = (change: Partial<Draft>, what: string | null) => void;

/** What is looked for in the whole picture, and from when on it counts. */
export function ObjectSettings({
  draft,
  disabled,
  onChange,
  onHoldSize,
}: {
  draft: Draft;
  disabled: boolean;
  onChange: Change;
  /** The least size is being set: it is shown on the picture meanwhile. */
  onHoldSize: (held: boolean) => void;
}) {
  const { motion, leftObjects } = draft;
  return (
    <div className="space-y-5">
      <ClassChoice
        label={words.classes}
        none={words.usualClasses}
        classes={draft.classes}
        disabled={disabled}
        onChange={(classes) => onChange({ classes }, null)}
      />
      <RangeField
        label={words.minConfidence}
        said={words.percent(number(100 * draft.minConfidence))}
        hint={words.minConfidenceHint}
        value={draft.minConfidence}
        min={0.05}
        max={1}
        step={0.01}
        disabled={disabled}
        onChange={(minConfidence) => onChange({ minConfidence }, "minConfidence")}
      />
      <RangeField
        label={words.minSize}
        said={draft.minSize === 0 ? words.anySize : words.percent(number(100 * draft.minSize))}
        hint={words.minSizeHint}
        value={draft.minSize}
        min={0}
        max={0.5}
        step={0.01}
        disabled={disabled}
        onChange={(minSize) => onChange({ minSize }, "minSize")}
        onHold={onHoldSize}
      />
      <RangeField
        label={words.sensitivity}
        said={number(motion.sensitivity)}
        hint={words.sensitivityHint}
        value={motion.sensitivity}
        min={0}
        max={100}
        step={1}
        disabled={disabled}
        onChange={(sensitivity) => onChange({ motion: { ...motion, sensitivity } }, "sensitivity")}
      />
      <fieldset disabled={disabled}>
        <legend className="text-soft text-[13px] font-medium">{words.further}</legend>
        <Check
          label={words.leftObjects}
          hint={words.leftObjectsHint}
          checked={leftObjects.enabled}
          onChange={(e) => onChange({ leftObjects: { ...leftObjects, enabled: e.target.checked } }, null)}
        />
        {leftObjects.enabled && (
          <TextField
            className="mb-2 ml-6.5"
            label={words.leftSeconds}
            type="number"
            min={5}
            max={3600}
            value={leftObjects.seconds}
            onChange={(e) =>
              e.target.value &&
              onChange({ leftObjects: { ...leftObjects, seconds: Number(e.target.value) } }, "leftSeconds")
            }
          />
        )}
        <Check
          label={words.plates}
          hint={words.platesHint}
          checked={draft.plates}
          onChange={(e) => onChange({ plates: e.target.checked }, null)}
        />
        {draft.plates && (
          <TextField
            className="mb-2 ml-6.5"
            label={words.plateCountry}
            hint={words.plateCountryHint}
            maxLength={2}
            value={draft.plateCountry ?? ""}
            onChange={(e) => onChange({ plateCountry: e.target.value.toUpperCase() || null }, "plateCountry")}
          />
        )}
        <Check
          label={words.faces}
          hint={words.facesHint}
          checked={draft.faces}
          onChange={(e) => onChange({ faces: e.target.checked }, null)}
        />
      </fieldset>
    </div>
  );
}

const sources = ["both", "server", "camera"] as const;
const streams = ["auto", "sub", "main"] as const;
/** The rates that people choose between; one in between that the API was given stays. */
const rates = [0.2, 0.5, 1, 2, 3, 5, 8, 10, 15];

/** Who looks, at which stream and how often: what it costs. */
export function EffortSettings({
  camera,
  draft,
  disabled,
  onChange,
}: {
  camera: Camera;
  draft: Draft;
  disabled: boolean;
  onChange: Change;
}) {
  const serverLooks = draft.source !== "camera";
  const all = [...new Set([...rates, draft.fps])].sort((a, b) => a - b);
  return (
    <div className="space-y-5">
      <SelectField
        label={words.source}
        hint={words.sourceHints[draft.source]}
        value={draft.source}
        disabled={disabled}
        onChange={(e) => onChange({ source: e.target.value as Draft["source"] }, null)}
      >
        {sources.map((source) => (
          <option key={source} value={source}>
            {words.sources[source]}
          </option>
        ))}
      </SelectField>
      {serverLooks && (
        <>
          <SelectField
            label={words.stream}
            hint={words.streamHints[draft.stream]}
            value={draft.stream}
            disabled={disabled}
            onChange={(e) => onChange({ stream: e.target.value as Draft["stream"] }, null)}
          >
            {streams.map((stream) => (
              <option key={stream} value={stream} disabled={stream === "sub" && camera.subUrl === null}>
                {words.streams[stream]}
              </option>
            ))}
          </SelectField>
          <SelectField
            label={words.rate}
            hint={draft.keyframesOnly ? words.keyframesHint : words.rateHint(draft.fps)}
            value={draft.keyframesOnly ? "keyframes" : String(draft.fps)}
            disabled={disabled}
            onChange={(e) =>
              onChange(
                e.target.value === "keyframes"
                  ? { keyframesOnly: true }
                  : { keyframesOnly: false, fps: Number(e.target.value) },
                null,
              )
            }
          >
            <option value="keyframes">{words.keyframesOnly}</option>
            {all.map((fps) => (
              <option key={fps} value={fps}>
                {words.perSecond(fps, number(fps, fps < 1 ? 1 : 0))}
              </option>
            ))}
          </SelectField>
          <details className="group/more">
            <summary className="text-soft hover:text-text py-1.5 text-[13px] max-md:py-3">{words.advanced}</summary>
            <div className="mt-2 space-y-5">
              <RangeField
                label={words.trackConfidence}
                said={words.percent(number(100 * draft.trackConfidence))}
                hint={words.trackConfidenceHint}
                value={draft.trackConfidence}
                min={0.05}
                max={draft.minConfidence}
                step={0.01}
                disabled={disabled}
                onChange={(trackConfidence) => onChange({ trackConfidence }, "trackConfidence")}
              />
              <ModelField model={draft.model} disabled={disabled} onChange={onChange} />
            </div>
          </details>
        </>
      )}
    </div>
  );
}
