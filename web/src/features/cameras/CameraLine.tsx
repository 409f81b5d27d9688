import { MoreHorizontal, Pencil, PlaySquare, Settings2, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { Link } from "react-router";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { CameraPicture } from "@/components/CameraPicture";
import { codecWords, keepsTooShort, recordingWords, stateWords, toneDot, toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { forecastWords } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** How long its recordings will be kept, and whether that is what was asked for. */
function Forecast({ camera }: { camera: Camera }) {
  const { forecastDays, retention } = camera.recording;
  if (forecastDays == null) return null;
  const short = keepsTooShort(camera);
  return (
    <div className={short ? "text-warn" : "text-faint"}>
      {short
        ? words.keepsOf(forecastWords(forecastDays), forecastWords(retention.minAgeDays!))
        : words.keeps(forecastWords(forecastDays))}
    </div>
  );
}

/** One camera of the list: what it does, and what can be done with it. */
export function CameraLine({
  camera,
  mayWrite,
  selected,
  onSelect,
  onEdit,
  onDelete,
}: {
  camera: Camera;
  mayWrite: boolean;
  selected: boolean;
  /** @param range from the one that was chosen before to this one, as with Shift. */
  onSelect: (selected: boolean, range: boolean) => void;
  onEdit: () => void;
  onDelete: () => void;
}) {
  const may = useMay();
  const state = stateWords(camera);
  const recording = recordingWords(camera);
  const main = camera.streams.find((s) => s.name === "main");
  const item =
    "flex h-10 cursor-pointer items-center gap-2 rounded-md px-3 outline-none max-md:h-11 data-highlighted:bg-line [&_svg]:size-4";
  return (
    <li
      className={cn(
        "hover:bg-raised/50 flex items-center gap-3 px-3 py-3 md:gap-4 md:px-4",
        selected && "bg-raised/60",
      )}
      data-camera-id={camera.id}
      data-state={camera.state}
    >
      {mayWrite && (
        <label className="-m-2 grid size-9 shrink-0 place-items-center max-md:h-11">
          <input
            type="checkbox"
            checked={selected}
            onChange={(e) => onSelect(e.target.checked, (e.nativeEvent as MouseEvent).shiftKey)}
            aria-label={words.selectCamera(camera.name)}
            className="accent-accent size-4"
          />
        </label>
      )}
      {may("live.view") ? (
        <Link to={`/live?camera=${camera.id}`} tabIndex={-1} aria-hidden className="shrink-0">
          <CameraPicture camera={camera} className="h-14 w-[100px] max-md:h-12 max-md:w-[76px]" />
        </Link>
      ) : null}
      <span className={cn("size-2 shrink-0 rounded-full", toneDot[state.tone])} aria-hidden />
      <div className="min-w-0 flex-1">
        <Link to={`/cameras/${camera.id}`} className="hover:text-accent font-medium">
          {camera.name}
        </Link>
        <p className="text-soft truncate text-[13px]">
          <span className={toneText[state.tone]}>{state.text}</span>
          {state.why && <> · {state.why}</>}
        </p>
      </div>
      <div className="tabular text-soft hidden w-40 text-right text-[13px] md:block">
        {main?.width ? (
          <>
            <div>
              {main.width} × {main.height} {codecWords(main.codec)}
            </div>
            <div className="text-faint">
              {main.fps ? words.framesPerSecond(number(main.fps)) : ""}{" "}
              {main.bitrateBps ? words.megabits(number(main.bitrateBps / 1e6, 1)) : ""}
            </div>
          </>
        ) : (
          <span className="text-faint">–</span>
        )}
      </div>
      <div className={cn("hidden w-32 text-right text-[13px] sm:block", toneText[recording.tone])}>
        {recording.text}
        <Forecast camera={camera} />
      </div>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger asChild>
          <Button variant="ghost" size="icon" className="max-md:size-11" aria-label={words.actionsFor(camera.name)}>
            <MoreHorizontal />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" className="bg-raised z-30 min-w-44 rounded-lg border p-1 shadow-2xl">
            <DropdownMenu.Item className={item} asChild>
              <Link to={`/cameras/${camera.id}`}>
                <Settings2 /> {words.open}
              </Link>
            </DropdownMenu.Item>
            {mayWrite && (
              <DropdownMenu.Item className={item} onSelect={onEdit}>
                <Pencil /> {words.edit}
              </DropdownMenu.Item>
            )}
            {may("recordings.read") && (
              <DropdownMenu.Item className={item} asChild>
                <Link to={`/playback?camera=${camera.id}`}>
                  <PlaySquare /> {words.recordings}
                </Link>
              </DropdownMenu.Item>
            )}
            {mayWrite && (
              <DropdownMenu.Item className={cn(item, "text-alarm")} onSelect={onDelete}>
                <Trash2 /> {words.delete}
              </DropdownMenu.Item>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </li>
  );
}
