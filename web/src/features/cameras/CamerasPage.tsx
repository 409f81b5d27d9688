import { Cctv, MoreHorizontal, Pencil, PlaySquare, Plus, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { Link, useSearchParams } from "react-router";
import { useCameras } from "@/api/cameras";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { CameraPicture } from "@/components/CameraPicture";
import { codecWords, keepsTooShort, recordingWords, stateWords, toneDot, toneText } from "@/components/cameraWords";
import { cn } from "@/components/cn";
import { EmptyState, QueryError, Skeleton } from "@/components/States";
import { forecastWords } from "@/components/time";
import { Button } from "@/components/ui/Button";
import { CameraDialog } from "./CameraDialog";
import { DeleteCameraDialog } from "./DeleteCameraDialog";
import { words as pageWords } from "@/components/words";
import { number } from "@/i18n/formats";
import { words } from "./words";

/** All cameras with what they do, and the place to add, change and remove them. `?edit=ID|new` and `?delete=ID` are links too. */
export function CamerasPage() {
  const [search, setSearch] = useSearchParams();
  const cameras = useCameras();
  const edit = search.get("edit");
  const mayWrite = useMay()("cameras.write");
  const all = cameras.data ?? [];
  const open = (values: Record<string, string>) => setSearch(values);
  const close = () => setSearch({}, { replace: true });

  return (
    <div className="mx-auto max-w-5xl p-4 md:p-8">
      <header className="mb-6 flex items-center justify-between gap-4">
        <div>
          <h1 className="text-xl font-semibold">{words.cameras}</h1>
          {all.length > 0 && (
            <p className="text-soft">
              {words.counts(
                all.filter((c) => c.state === "online").length,
                all.length,
                all.filter((c) => c.recording.state === "recording").length,
              )}
            </p>
          )}
        </div>
        {mayWrite && (
          <Button variant="primary" onClick={() => open({ edit: "new" })}>
            <Plus /> {words.addCamera}
          </Button>
        )}
      </header>

      {cameras.isPending ? (
        <div className="space-y-2" role="status" aria-label={pageWords.loading}>
          {[0, 1, 2, 3].map((i) => (
            <Skeleton key={i} className="h-20" />
          ))}
        </div>
      ) : cameras.isError && all.length === 0 ? (
        <QueryError what={pageWords.theCameras} error={cameras.error} onRetry={() => void cameras.refetch()} />
      ) : all.length === 0 ? (
        <EmptyState icon={<Cctv />} title={words.noneYet} detail={mayWrite ? words.noneYetDetail : words.noneYetReader}>
          {mayWrite && (
            <Button variant="primary" onClick={() => open({ edit: "new" })}>
              {words.addCamera}
            </Button>
          )}
        </EmptyState>
      ) : (
        <ul className="bg-panel divide-y overflow-hidden rounded-lg border">
          {all.map((camera) => (
            <CameraLine
              key={camera.id}
              camera={camera}
              mayWrite={mayWrite}
              onEdit={() => open({ edit: camera.id })}
              onDelete={() => open({ delete: camera.id })}
            />
          ))}
        </ul>
      )}

      {mayWrite && (edit === "new" || all.some((c) => c.id === edit)) && (
        <CameraDialog camera={all.find((c) => c.id === edit) ?? null} onClose={close} />
      )}
      {all
        .filter((c) => mayWrite && c.id === search.get("delete"))
        .map((camera) => (
          <DeleteCameraDialog key={camera.id} camera={camera} onClose={close} />
        ))}
    </div>
  );
}

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

function CameraLine({
  camera,
  mayWrite,
  onEdit,
  onDelete,
}: {
  camera: Camera;
  mayWrite: boolean;
  onEdit: () => void;
  onDelete: () => void;
}) {
  const may = useMay();
  const state = stateWords(camera);
  const recording = recordingWords(camera);
  const main = camera.streams.find((s) => s.name === "main");
  const item =
    "flex h-10 cursor-pointer items-center gap-2 rounded-md px-3 outline-none data-highlighted:bg-line [&_svg]:size-4";
  return (
    <li
      className="hover:bg-raised/50 flex items-center gap-4 px-4 py-3"
      data-camera-id={camera.id}
      data-state={camera.state}
    >
      <Link to={`/live?camera=${camera.id}`} tabIndex={-1} aria-hidden className="shrink-0">
        <CameraPicture camera={camera} className="h-14 w-[100px]" />
      </Link>
      <span className={cn("size-2 shrink-0 rounded-full", toneDot[state.tone])} aria-hidden />
      <div className="min-w-0 flex-1">
        <Link to={`/live?camera=${camera.id}`} className="hover:text-accent font-medium">
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
          <Button variant="ghost" size="icon" aria-label={words.actionsFor(camera.name)}>
            <MoreHorizontal />
          </Button>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content align="end" className="bg-raised z-30 min-w-44 rounded-lg border p-1 shadow-2xl">
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
