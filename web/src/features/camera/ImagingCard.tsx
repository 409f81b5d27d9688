import { Minus, Plus } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { moveFocus, stopFocus, useChangeImaging, useImaging, type ImagingLevel } from "@/api/device";
import type { Camera } from "@/api/types";
import { useMayFor } from "@/api/useMe";
import { QueryError, Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { SelectField } from "@/components/ui/Field";
import { wordFor } from "@/i18n/catalogue";
import { number } from "@/i18n/formats";
import { Card } from "./Card";
import { words } from "./words";

const levels = ["brightness", "contrast", "saturation", "sharpness"] as const;

/** How the device makes its picture: what is changed is seen beside it at once. */
export function ImagingCard({ camera }: { camera: Camera }) {
  const imaging = useImaging(camera.id);
  const change = useChangeImaging(camera.id);
  const mayChange = useMayFor()("imaging.write", camera);
  const { data } = imaging;
  return (
    <Card title={words.picture}>
      {imaging.isPending ? (
        <Skeleton className="h-40" />
      ) : imaging.isError ? (
        <QueryError what={words.thePicture} error={imaging.error} onRetry={() => void imaging.refetch()} />
      ) : (
        <div className="space-y-4">
          {levels.map((name) => {
            const level = data?.[name];
            return level ? (
              <Slider
                key={name}
                label={words.levels[name]}
                level={level}
                disabled={!mayChange}
                onChange={(value) => change.mutate({ [name]: value })}
              />
            ) : null;
          })}
          {data?.irCut && (
            <SelectField
              label={words.irCut}
              value={data.irCut.value}
              disabled={!mayChange}
              onChange={(e) => change.mutate({ irCut: e.target.value })}
            >
              {data.irCut.values.map((value) => (
                <option key={value} value={value}>
                  {wordFor(words.irCutValues, value) ?? value}
                </option>
              ))}
            </SelectField>
          )}
          {data?.wideDynamicRange && (
            <>
              <Toggle
                label={words.wideDynamicRange}
                on={data.wideDynamicRange.on}
                disabled={!mayChange}
                onChange={(on) => change.mutate({ wideDynamicRange: { on } })}
              />
              {data.wideDynamicRange.on && data.wideDynamicRange.level && (
                <Slider
                  label={words.wideDynamicRangeLevel}
                  level={data.wideDynamicRange.level}
                  disabled={!mayChange}
                  onChange={(level) => change.mutate({ wideDynamicRange: { on: true, level } })}
                />
              )}
            </>
          )}
          {data?.backlightCompensation != null && (
            <Toggle
              label={words.backlight}
              on={data.backlightCompensation}
              disabled={!mayChange}
              onChange={(backlightCompensation) => change.mutate({ backlightCompensation })}
            />
          )}
          {data?.focus && (
            <div className="flex flex-wrap items-center justify-between gap-2">
              <Toggle
                label={words.autoFocus}
                on={data.focus.mode === "auto"}
                disabled={!mayChange}
                onChange={(auto) => change.mutate({ focus: { mode: auto ? "auto" : "manual" } })}
              />
              {mayChange && data.focus.mode === "manual" && data.focus.canMove && <Focus cameraId={camera.id} />}
            </div>
          )}
          {change.error && (
            <p role="alert" className="text-warn text-[13px]">
              {change.error.message}
            </p>
          )}
        </div>
      )}
    </Card>
  );
}

/** So long after the last movement the value is sent: a device takes a while for each. */
const settleMs = 250;

function Slider({
  label,
  level,
  disabled,
  onChange,
}: {
  label: string;
  level: ImagingLevel;
  disabled: boolean;
  onChange: (value: number) => void;
}) {
  const id = useId();
  // While it is dragged it is ahead of the device.
  const [dragged, setDragged] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const known = useRef(level.value);
  useEffect(() => {
    if (known.current === level.value) return;
    known.current = level.value;
    setDragged(null);
  }, [level.value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const value = dragged ?? level.value;
  const wide = level.max - level.min > 10;
  return (
    <div className="grid grid-cols-[1fr_auto] items-center gap-x-3">
      <label htmlFor={id} className="text-soft text-[13px] font-medium">
        {label}
      </label>
      <output htmlFor={id} className="tabular text-[13px]">
        {number(value, wide ? 0 : 2)}
      </output>
      <input
        id={id}
        type="range"
        min={level.min}
        max={level.max}
        step={wide ? 1 : (level.max - level.min) / 100}
        value={value}
        disabled={disabled}
        onChange={(e) => {
          const next = Number(e.target.value);
          setDragged(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(next), settleMs);
        }}
        className="accent-accent col-span-2 h-8 w-full max-md:h-11"
      />
    </div>
  );
}

function Toggle({
  label,
  on,
  disabled,
  onChange,
}: {
  label: string;
  on: boolean;
  disabled: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <label className="flex min-h-8 items-center gap-2 max-md:min-h-11">
      <input
        type="checkbox"
        role="switch"
        checked={on}
        disabled={disabled}
        onChange={(e) => onChange(e.target.checked)}
        className="accent-accent size-4"
      />
      {label}
    </label>
  );
}

/** Moves the focus for as long as a button is held. */
function Focus({ cameraId }: { cameraId: string }) {
  const [error, setError] = useState<string | null>(null);
  const held = useRef(false);
  // Nobody holds a button that is gone.
  useEffect(
    () => () => {
      if (held.current) stopFocus(cameraId).catch(() => undefined);
      held.current = false;
    },
    [cameraId],
  );
  const tell = (action: Promise<unknown>) => void action.catch((e: Error) => setError(e.message));
  const stop = () => {
    if (!held.current) return;
    held.current = false;
    tell(stopFocus(cameraId));
  };
  const hold = (speed: number) => {
    held.current = true;
    setError(null);
    tell(moveFocus(cameraId, speed));
  };
  return (
    <span className="flex items-center gap-2">
      {([-1, 1] as const).map((speed) => (
        <Button
          key={speed}
          size="icon"
          className="touch-none max-md:size-11"
          aria-label={speed < 0 ? words.focusNear : words.focusFar}
          title={speed < 0 ? words.focusNear : words.focusFar}
          onPointerDown={() => hold(speed * 0.5)}
          onPointerUp={stop}
          onPointerCancel={stop}
          onPointerLeave={stop}
          onKeyDown={(e) => (e.key === " " || e.key === "Enter") && !e.repeat && hold(speed * 0.5)}
          onKeyUp={stop}
          onBlur={stop}
        >
          {speed < 0 ? <Minus /> : <Plus />}
        </Button>
      ))}
      {error && <span className="text-warn text-[13px]">{error}</span>}
    </span>
  );
}
