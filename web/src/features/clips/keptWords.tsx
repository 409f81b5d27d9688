import type { KeptCamera } from "@/api/kept";
import { clock, dayAndClock, duration } from "@/components/time";
import { formatAddress, maxCameras } from "@/features/playback/address";
import { words } from "./words";

/** A pause of the camera that short is no loss worth a word. */
const tolerated = 2;

export function rangeWords(from: string, to: string): string {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const sameDay = new Date(begin).toDateString() === new Date(end).toDateString();
  return `${dayAndClock(begin)} – ${sameDay ? clock(end) : dayAndClock(end)} (${duration(end - begin)})`;
}

/** Its beginning in playback, with the range selected; as many cameras as play together. */
export function playbackOf({ cameras, from, to }: { cameras: KeptCamera[]; from: string; to: string }): string {
  const range = { from: Date.parse(from), to: Date.parse(to) };
  const margin = Math.max(30_000, (range.to - range.from) / 4);
  return `/playback${formatAddress({
    cameras: cameras.slice(0, maxCameras).map((c) => c.cameraId),
    active: 0,
    at: range.from,
    view: { from: range.from - margin, to: range.to + margin },
    rate: 1,
    paused: true,
    range,
    motion: null,
  })}`;
}

/** What an operator has to know of one camera; null when all is well. */
export function troubleOf(camera: KeptCamera): string | null {
  if (camera.state === "pending") return words.notYetKept;
  if (camera.recordedSeconds === 0) return words.nothingRecorded;
  const missing = camera.missingSeconds ?? 0;
  if (missing <= tolerated) return null;
  return (camera.deletedSeconds ?? 0) > tolerated
    ? words.missingDeleted(duration(missing * 1000))
    : words.missing(duration(missing * 1000));
}

export function KeptCameras({ cameras }: { cameras: KeptCamera[] }) {
  return (
    <ul aria-label={words.cameras} className="space-y-0.5 text-[13px]">
      {cameras.map((camera) => {
        const trouble = troubleOf(camera);
        return (
          <li key={camera.cameraId} className="break-words">
            {camera.cameraName}
            {trouble && <span className="text-warn"> · {trouble}</span>}
          </li>
        );
      })}
    </ul>
  );
}
