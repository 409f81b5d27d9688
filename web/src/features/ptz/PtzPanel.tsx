import { Home, Minus, Plus } from "lucide-react";
import { useEffect, useRef } from "react";
import { goToPreset, homePtz, usePresets, usePtz } from "@/api/ptz";
import { useMe } from "@/api/useMe";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/States";
import { Button } from "@/components/ui/Button";
import { HeldButton } from "./HeldButton";
import { Joystick } from "./Joystick";
import { PresetList } from "./PresetList";
import { isSteeringKey, keysVector } from "./stick";
import { useSteering } from "./useSteering";
import { words } from "./words";

const zoomIn = { pan: 0, tilt: 0, zoom: 0.6 };
const zoomOut = { pan: 0, tilt: 0, zoom: -0.6 };

/** Without a place (keyboards on a screen have none) a key is known by its name. */
const placeOf = (e: React.KeyboardEvent) => e.code || e.key;

/** With these held, a keyboard may never tell that another key went up. */
const isChord = (e: React.KeyboardEvent) => e.ctrlKey || e.altKey || e.metaKey;

/** Steers a camera: stick, zoom, presets. Arrow keys, + and −, 1 to 9 and Home work while the focus is in it. */
export function PtzPanel({
  cameraId,
  focused = false,
  className,
}: {
  cameraId: string;
  /** Its keys work as soon as it is there. */
  focused?: boolean;
  className?: string;
}) {
  const ptz = usePtz(cameraId);
  const me = useMe();
  const steering = useSteering(cameraId);
  const presets = usePresets(cameraId, ptz.data?.can.presets ?? false);
  /** What is held: what each key was called when it went down, by its place on the keyboard. Shift changes the name, never the place. */
  const keys = useRef(new Map<string, string>());
  const panel = useRef<HTMLDivElement>(null);
  const isThere = !ptz.isPending;
  useEffect(() => {
    if (focused && isThere) panel.current?.focus({ preventScroll: true });
  }, [focused, isThere]);
  const { can, controller } = ptz.data ?? {};
  const other = controller && controller.username !== me.data?.username ? controller.username : null;
  const blocked = other !== null;

  const letGo = () => {
    keys.current.clear();
    steering.release();
  };
  const letGoOfKeys = () => {
    if (keys.current.size > 0) letGo();
  };
  const vectorOf = (e: React.KeyboardEvent) => keysVector(new Set(keys.current.values()), e.shiftKey);
  /** A menu that the panel opens lies elsewhere on the page: its keys arrive here too, and are not meant for the camera. */
  const isOurs = (e: React.KeyboardEvent) => !e.defaultPrevented && e.currentTarget.contains(e.target as Node);
  const onKeyDown = (e: React.KeyboardEvent) => {
    if (!isOurs(e) || (e.target as Element).closest("input")) return;
    if (isChord(e)) return letGoOfKeys();
    const place = placeOf(e);
    const key = isSteeringKey(e.key) ? e.key : keys.current.get(place);
    if (key !== undefined && can?.move) {
      keys.current.set(place, key);
      const vector = vectorOf(e);
      if (vector && !blocked) steering.hold(vector);
    } else if (/^[1-9]$/.test(e.key) && presets.data) {
      const preset = presets.data[Number(e.key) - 1];
      if (preset && !e.repeat) void steering.act(() => goToPreset(cameraId, preset.id));
    } else if (e.key === "Home" && can?.home) {
      if (!e.repeat) void steering.act(() => homePtz(cameraId));
    } else return;
    // The page has other uses for these keys.
    e.preventDefault();
    e.stopPropagation();
  };
  const onKeyUp = (e: React.KeyboardEvent) => {
    if (keys.current.size === 0) return;
    if (isChord(e)) return letGoOfKeys();
    if (!keys.current.delete(placeOf(e)) && e.key !== "Shift") return;
    const vector = vectorOf(e);
    if (!vector) letGo();
    else if (!blocked) steering.hold(vector);
  };

  if (ptz.isPending) return <Skeleton className={cn("h-44 w-72", className)} />;
  const problem = steering.error ?? ptz.error;
  /* eslint-disable jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/no-noninteractive-tabindex -- keys of its own, and buttons are in it */
  return (
    <div
      ref={panel}
      role="group"
      tabIndex={0}
      aria-label={words.panel}
      aria-keyshortcuts="ArrowLeft ArrowRight ArrowUp ArrowDown + - Home"
      data-own-gestures
      data-testid="ptz"
      onDoubleClick={(e) => e.stopPropagation()}
      onKeyDown={onKeyDown}
      onKeyUp={onKeyUp}
      onBlur={(e) => !e.currentTarget.contains(e.relatedTarget) && letGo()}
      className={cn(
        "bg-panel text-text flex flex-wrap items-start gap-4 rounded-lg border p-4 outline-offset-2",
        className,
      )}
    >
      {can?.move && (
        <div className="flex items-center gap-3">
          <Joystick steering={steering} disabled={blocked} />
          <div className="flex flex-col gap-2">
            {can.zoom !== false && (
              <>
                <HeldButton steering={steering} vector={zoomIn} label={words.zoomIn} disabled={blocked}>
                  <Plus />
                </HeldButton>
                <HeldButton steering={steering} vector={zoomOut} label={words.zoomOut} disabled={blocked}>
                  <Minus />
                </HeldButton>
              </>
            )}
            {can.home && (
              <Button
                className="size-11 p-0"
                aria-label={words.home}
                title={words.home}
                disabled={blocked}
                onClick={() => void steering.act(() => homePtz(cameraId))}
              >
                <Home />
              </Button>
            )}
          </div>
        </div>
      )}
      {can?.presets && (
        <PresetList
          cameraId={cameraId}
          presets={presets.data}
          disabled={blocked}
          onGo={(id) => void steering.act(() => goToPreset(cameraId, id))}
        />
      )}
      <div role="status" className="basis-full text-[13px] empty:hidden">
        {other !== null ? (
          <p className="text-warn">{words.inUse(other)}</p>
        ) : (
          problem && <p className="text-warn">{problem.message}</p>
        )}
      </div>
    </div>
  );
  /* eslint-enable */
}
