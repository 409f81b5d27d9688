import { Circle, Square } from "lucide-react";
import { useManualRecording } from "@/api/cameras";
import type { Camera } from "@/api/types";
import { useMay } from "@/api/useMe";
import { cn } from "@/components/cn";
import { clock } from "@/components/time";
import { words } from "./words";

/** Records what is seen now, a few seconds back included, whatever the camera's mode; and ends that again. */
export function RecordButton({ camera }: { camera: Camera }) {
  const may = useMay();
  const record = useManualRecording(camera.id);
  if (!may("recordings.start")) return null;
  const manual = camera.recording.manual;
  const what = manual
    ? words.stopRecording(camera.name, clock(Date.parse(manual.until)), manual.by, manual.reason)
    : words.recordNow(camera.name);
  return (
    <>
      {record.isError && (
        <p role="alert" className="text-alarm max-w-48 rounded-md bg-black/75 px-2 py-1 text-[11px]">
          {record.error.message}
        </p>
      )}
      <button
        type="button"
        data-action="record"
        aria-pressed={manual != null}
        aria-label={what}
        title={`${manual ? what : words.recordTitle} (R)`}
        disabled={record.isPending}
        onClick={() => record.mutate(manual == null)}
        className={cn(
          "hover:text-accent pointer-events-auto grid size-8 place-items-center rounded-md bg-black/55 text-white opacity-0 transition-opacity duration-150 group-hover:opacity-100 group-focus-visible:opacity-100 focus-visible:opacity-100 max-md:size-11 max-md:opacity-100",
          manual && "text-alarm opacity-100",
        )}
      >
        {manual ? (
          <Square className="size-4 fill-current" aria-hidden />
        ) : (
          <Circle className="size-4 fill-current" aria-hidden />
        )}
      </button>
    </>
  );
}
